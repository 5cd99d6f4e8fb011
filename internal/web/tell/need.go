package tell

import (
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"waypost/internal/carrier"
	"waypost/internal/place"
	"waypost/internal/web/ui"
)

// A NeedForm asks for what a carrier demands besides the number.
type NeedForm struct {
	Action string
	Hidden []Fact // what is sent along, by name
	Wrong  string // what came of an earlier try, "" nothing
	Fields []NeedField
	Calm   string // what becomes of it
}

// A NeedField is a field of the form. Its name is the need's.
type NeedField struct {
	ID, Name, Label string
	Why             string // why the carrier wants it, and where it is found
	Type, Mode      string // of the input, and of the keyboard that phones show
	Complete        string // what the browser may fill in
	Most            int    // characters
	Value, Error    string
	Choices         []Choice // instead of an input
	Optional        bool     // may be left empty
}

// A Choice is one of several in a list.
type Choice struct {
	Value, Label string
	Chosen       bool
}

// Needs are what carriers may demand, in the order in which a form asks.
var Needs = []carrier.Need{
	carrier.PostalCode, carrier.DestinationCountry, carrier.PhoneLast4, carrier.Phone, carrier.ShipDate, carrier.Account,
}

// inputs are how needs are typed.
var inputs = map[carrier.Need]NeedField{
	carrier.PostalCode:         {Type: "text", Complete: "postal-code", Most: 12},
	carrier.PhoneLast4:         {Type: "text", Mode: "numeric", Complete: "off", Most: 4},
	carrier.Phone:              {Type: "tel", Complete: "tel", Most: 25},
	carrier.ShipDate:           {Type: "date", Complete: "off", Most: 10},
	carrier.Account:            {Type: "text", Complete: "off", Most: 40},
	carrier.DestinationCountry: {Complete: "country"},
}

// NeedForm asks for needs on behalf of a carrier. id makes the fields' ids the
// page's only ones; typed and wrong are what was filled in before, and which of
// it can't be so.
func (t Teller) NeedForm(id string, by carrier.Code, needs []carrier.Need, typed carrier.Given, wrong []carrier.Need) *NeedForm {
	f := &NeedForm{Calm: t.Say("needs.calm", "carrier", t.Name(by))}
	for _, need := range Needs {
		if !slices.Contains(needs, need) {
			continue
		}
		field := inputs[need]
		field.ID, field.Name, field.Value = id+"-"+strings.ReplaceAll(string(need), "_", "-"), string(need), typed[need]
		field.Label, field.Why = t.Say("needs.label."+field.Name), t.Say("needs.why."+field.Name, "carrier", t.Name(by))
		if slices.Contains(wrong, need) {
			field.Error = t.Say("needs.wrong." + field.Name)
		}
		if need == carrier.DestinationCountry {
			field.Choices = t.countries(typed[need])
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

// countries are all countries, in the reader's order, with none chosen at first.
func (t Teller) countries(chosen string) []Choice {
	list := Countries(t.Words)
	for i := range list {
		list[i].Chosen = list[i].Value == chosen
	}
	return append([]Choice{{Label: t.Say("needs.choose")}}, list...)
}

// Countries are all countries and territories by their codes, in the order of
// the words' language.
func Countries(words *ui.Words) []Choice {
	var list []Choice
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			if found, ok := place.Country(code); ok && found == code {
				list = append(list, Choice{Value: code, Label: words.Country(code)})
			}
		}
	}
	order := collate.New(language.MustParse(words.Lang))
	slices.SortFunc(list, func(a, b Choice) int { return order.CompareString(a.Label, b.Label) })
	return list
}

// ReadNeeds takes needs out of what was filled in, by their names, and brings
// them into the form in which carriers are told them. typed is what is worth being
// shown again; wrong are those that are empty or can't be so.
func ReadNeeds(fields map[string][]string) (given, typed carrier.Given, wrong []carrier.Need) {
	const most = 100 // bytes, of what is worth showing again
	given, typed = carrier.Given{}, carrier.Given{}
	for _, need := range Needs {
		filled := fields[string(need)]
		if len(filled) == 0 {
			continue
		}
		text := filled[0]
		if len(text) <= most {
			typed[need] = text
		}
		if tidy, ok := need.Tidy(text); ok {
			given[need] = tidy
		} else {
			wrong = append(wrong, need)
		}
	}
	return given, typed, wrong
}
