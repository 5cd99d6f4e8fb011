package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/itchyny/gojq"

	"waypost/internal/carrier"
	"waypost/internal/outbound"
)

// A subscription's requests and answers, compiled.
type subscribing struct {
	make, end              *request // end is nil where subscriptions can't be ended
	takes                  *regexp.Regexp
	problem, made, refused *gojq.Code
}

// subscribing compiles how a source is told to send news; nil where it needn't be
// told, or can't.
func (c *compiler) subscribing() *subscribing {
	spec := c.source.Push.Subscribe
	if spec == nil {
		return nil
	}
	const at = "push.subscribe"
	known := c.known()
	known["push_url"] = true
	for _, name := range c.source.Push.Account {
		known["account."+name] = true
	}
	signedIn := func(at string, q carrier.Request) *request {
		auth := c.source.Connect.Auth
		q.Basic = cmp.Or(q.Basic, auth.Basic)
		r := c.request(at, q, known)
		if auth.OAuth2 != nil {
			r.bearer()
		}
		return r
	}
	s := &subscribing{
		make: signedIn(at, spec.Request), problem: c.code(at+".problem", spec.Problem),
		made: c.code(at+".made", spec.Made), refused: c.code(at+".refused", spec.Refused),
	}
	if spec.Takes != "" {
		s.takes = c.pattern(at+".takes", "^(?:"+spec.Takes+")$")
	}
	if spec.End != nil {
		known["remote"] = true
		s.end = signedIn(at+".end", *spec.End)
	}
	if spec.Numbers > 1 && s.make.onlyOne() {
		c.wrong(at+".numbers", "is %d, but the request has room for one {number}", spec.Numbers)
	}
	return s
}

// subscriber makes the subscriptions of one account.
type subscriber struct {
	*connector
	spec *subscribing
	url  string // where news are to be sent
}

// Subscriber returns what makes an account's subscriptions, whose news are to be
// sent to url; nil where the source takes none. It fails where a value is missing.
func (p *Program) Subscriber(a Account, client *outbound.Client, url string) (carrier.Subscriber, error) {
	if p.push == nil || p.push.subscribing == nil {
		return nil, nil //nolint:nilnil // that there is none is no error
	}
	c, err := p.connect(a, client)
	if err != nil {
		return nil, err
	}
	c.account = maps.Clone(c.account)
	for _, name := range p.source.Push.Account {
		if a.Values[name] == "" {
			return nil, fmt.Errorf("account %s lacks %s", a.Code, name)
		}
		c.account[name] = a.Values[name]
	}
	return &subscriber{c, p.push.subscribing, url}, nil
}

func (s *subscriber) Terms() carrier.Terms {
	spec := s.program.source.Push.Subscribe
	return carrier.Terms{Most: max(spec.Numbers, 1), Takes: s.spec.takes, Lasts: spec.Lasts, Ends: s.spec.end != nil}
}

func (s *subscriber) Subscribe(ctx context.Context, asks []carrier.Ask) ([]carrier.Subscription, error) {
	v := s.values(asks)
	v["push_url"] = s.url
	answer, err := s.call(ctx, s.spec.make, v)
	if err != nil {
		return nil, err
	}
	all, err := s.program.subscribed(answer.Body, answer.Status, asks)
	return all, withRetry(err, answer.Header)
}

func (s *subscriber) End(ctx context.Context, all []carrier.Subscription) error {
	asks := make([]carrier.Ask, len(all))
	remote := make([]any, len(all))
	for i, one := range all {
		asks[i], remote[i] = carrier.Ask{Number: one.Number, With: one.With}, one.Remote
	}
	v := s.values(asks)
	v["push_url"], v["remote"] = s.url, remote
	answer, err := s.call(ctx, s.spec.end, v)
	if err != nil {
		return err
	}
	if kind, failed := problemOf(answer.Status); failed && kind != carrier.Missing {
		return withRetry(&carrier.Problem{Kind: kind, Text: fmt.Sprintf("HTTP %d to the end of subscriptions", answer.Status)}, answer.Header)
	}
	return nil
}

// call makes a request; when the source says that the token is old, once more with
// a new one.
func (s *subscriber) call(ctx context.Context, r *request, v values) (outbound.Answer, error) {
	answer, err := s.once(ctx, r, v)
	if err == nil && s.program.login != nil && answer.Status == http.StatusUnauthorized {
		s.forget()
		return s.once(ctx, r, v)
	}
	return answer, err
}

func (s *subscriber) once(ctx context.Context, r *request, v values) (outbound.Answer, error) {
	if s.program.login != nil {
		token, err := s.renewed(ctx, v)
		if err != nil {
			return outbound.Answer{}, err
		}
		v["token"] = token
	}
	request, err := r.build(s.base, v)
	if err != nil {
		return outbound.Answer{}, &carrier.Problem{Kind: carrier.BadRequest, Text: "the request can't be built: " + err.Error()}
	}
	return s.send(ctx, request)
}

// subscribed reads what a source answered to a request for subscriptions: one for
// each number asked.
func (p *Program) subscribed(body []byte, httpStatus int, asks []carrier.Ask) ([]carrier.Subscription, error) {
	spec := p.push.subscribing
	tree, err := decode(body)
	if err != nil && (spec.made != nil || spec.refused != nil) && httpStatus < http.StatusBadRequest {
		return nil, unreadable("the answer %v", err)
	}
	all := make([]carrier.Subscription, len(asks))
	of := map[string]*carrier.Subscription{}
	for i, a := range asks {
		all[i] = carrier.Subscription{Number: a.Number, With: a.With}
		if spec.made != nil {
			all[i].Problem = unreadable("the answer leaves this number out")
		}
		of[normal(a.Number)] = &all[i]
	}
	named := 0
	for fields := range itemsOf(spec.made, tree) {
		if one := of[normal(fields["number"])]; one != nil {
			one.Remote, one.Problem = clip(fields["id"]), nil
			named++
		}
	}
	for fields := range itemsOf(spec.refused, tree) {
		if one := of[normal(fields["number"])]; one != nil {
			one.Problem = &carrier.Problem{Kind: carrier.BadNumber, Text: "the source takes no subscription to it"}
			if code := fields["problem"]; code != "" {
				one.Problem = cmp.Or(p.ownProblem([]string{code}, false), one.Problem)
			}
			named++
		}
	}
	if problem := p.wholeProblem(textsOf(spec.problem, tree), httpStatus, named > 0); problem != nil {
		return nil, problem
	}
	return all, nil
}

// itemsOf are an expression's outputs: objects with texts, or texts that are numbers.
func itemsOf(code *gojq.Code, tree any) func(yield func(map[string]string) bool) {
	return func(yield func(map[string]string) bool) {
		for v := range outputs(code, tree) {
			fields := map[string]string{"number": scalar(v)}
			if object, ok := v.(map[string]any); ok {
				for name := range object {
					fields[name] = scalar(object[name])
				}
			}
			if !yield(fields) {
				return
			}
		}
	}
}

func textsOf(code *gojq.Code, tree any) []string {
	return texts(slices.Collect(outputs(code, tree)))
}

// outputs are all that an expression gives, until it fails.
func outputs(code *gojq.Code, tree any) func(yield func(any) bool) {
	return func(yield func(any) bool) {
		if code == nil || tree == nil {
			return
		}
		for all := code.Run(tree); ; {
			v, ok := all.Next()
			if _, failed := v.(error); failed || !ok || !yield(v) {
				return
			}
		}
	}
}

// trySubscribed holds what is answered to a request for subscriptions to what it must become.
func (p *Program) trySubscribed(v carrier.Vector, body []byte) []Difference {
	if p.push == nil || p.push.subscribing == nil {
		return []Difference{{Text: "the file doesn't say how its news are subscribed to (push.subscribe:)"}}
	}
	asks := asksOf(v)
	made, err := p.subscribed(body, cmp.Or(v.HTTP, http.StatusOK), asks)
	reports := make([]carrier.Report, len(made))
	for i, one := range made {
		reports[i] = carrier.Report{Number: one.Number, Unique: one.Remote, Problem: one.Problem}
	}
	return expected(v, body, reports, err)
}

var errNoSubscription = errors.New("the file doesn't say how its news are subscribed to, or how that is ended (push.subscribe:)")
