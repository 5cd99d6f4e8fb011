package request

import "slices"

// A Ground is on what a request can be refused. Its words are a letter's; its
// source is here.
type Ground string

// Grounds.
const (
	Unfounded    Ground = "unfounded"
	Excessive    Ground = "excessive"
	Unidentified Ground = "unidentified"
	OthersRights Ground = "others_rights"
	LegalDuty    Ground = "legal_duty"
	Claims       Ground = "claims"
	Expression   Ground = "expression"
	PublicGood   Ground = "public_good"
	Compelling   Ground = "compelling"
	OtherBasis   Ground = "other_basis"
	Correctness  Ground = "correct"
	Authorities  Ground = "authorities"
)

// A Rule says of a ground where it is from and which kinds of requests can be
// refused on it.
type Rule struct {
	Ground Ground
	Source string // of the law, as lawyers cite it; GDPR is Regulation (EU) 2016/679, PIPL 个人信息保护法
	Kinds  []Kind // nil: all
}

// Rules are all grounds, in the order in which the staff are offered them.
var Rules = []Rule{
	{Unidentified, "GDPR Art. 11(2), 12(2); GB/T 35273-2020, 8.7", nil},
	{Unfounded, "GDPR Art. 12(5)(b)", nil},
	{Excessive, "GDPR Art. 12(5)(b); GB/T 35273-2020, 8.7", nil},
	{OthersRights, "GDPR Art. 15(4), 20(4); GB/T 35273-2020, 8.7", []Kind{Access, Copy, Other}},
	{LegalDuty, "GDPR Art. 17(3)(b); PIPL Art. 47", []Kind{Delete, Deactivate, Withdraw}},
	{Claims, "GDPR Art. 17(3)(e), 18(2), 21(1); GB/T 35273-2020, 8.7", []Kind{Delete, Restrict, Object}},
	{Expression, "GDPR Art. 17(3)(a)", []Kind{Delete}},
	{PublicGood, "GDPR Art. 17(3)(c), (d)", []Kind{Delete}},
	{Compelling, "GDPR Art. 21(1)", []Kind{Object}},
	{OtherBasis, "GDPR Art. 6(1), 7(3); PIPL Art. 13, 15", []Kind{Withdraw, Object}},
	{Correctness, "GDPR Art. 5(1)(d), 16; PIPL Art. 46", []Kind{Correct}},
	{Authorities, "GDPR Art. 23; GB/T 35273-2020, 8.7", nil},
}

// RulesOf are the grounds on which a kind of request can be refused.
func RulesOf(k Kind) []Rule {
	return slices.DeleteFunc(slices.Clone(Rules), func(r Rule) bool { return r.Kinds != nil && !slices.Contains(r.Kinds, k) })
}

// Source is where a ground is from, "" of none.
func (g Ground) Source() string {
	for _, r := range Rules {
		if r.Ground == g {
			return r.Source
		}
	}
	return ""
}

func (g Ground) fits(k Kind) bool {
	return slices.ContainsFunc(RulesOf(k), func(r Rule) bool { return r.Ground == g })
}
