package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"waypost/internal/carrier"
	"waypost/internal/outbound"
)

// An Account is an operator's account at a source.
type Account struct {
	Code   carrier.AccountCode
	Values map[string]string   // secrets, by the names in the file
	Base   string              // in place of the file's; "" leaves it
	Login  string              // where tokens are had when Base is given; "" is there
	Shaped func(carrier.Shape) // is told how each answer that is read is built; nil nobody
}

// connector asks one source with one account.
type connector struct {
	program *Program
	base    string
	login   string // where tokens are had
	account map[string]any
	client  *outbound.Client
	shaped  func(carrier.Shape)

	mu    sync.Mutex // one renewal of the token at a time
	token string
	until time.Time
}

// Connect returns the connector of an account. It fails where a value is missing,
// and where the source can't be asked.
func (p *Program) Connect(a Account, client *outbound.Client) (carrier.Connector, error) {
	c, err := p.connect(a, client)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (p *Program) connect(a Account, client *outbound.Client) (*connector, error) {
	if !p.source.Asked {
		return nil, fmt.Errorf("%s can't be asked; it sends by itself", p.source.Code)
	}
	values := map[string]any{}
	for _, name := range p.source.Account {
		value, ok := a.Values[name]
		if !ok || value == "" {
			return nil, fmt.Errorf("account %s lacks %s", a.Code, name)
		}
		values[name] = value
	}
	c := &connector{program: p, base: cmp.Or(a.Base, p.source.Connect.Base), account: values, client: client, shaped: a.Shaped}
	if p.login != nil {
		c.login = cmp.Or(a.Login, a.Base, p.login.base, c.base)
	}
	return c, nil
}

func (c *connector) Batch() int { return c.program.source.Batch }

// Track asks once; when the source says that the token is old, once more with
// a new one.
func (c *connector) Track(ctx context.Context, asks []carrier.Ask) ([]carrier.Report, error) {
	reports, err := c.track(ctx, asks)
	var problem *carrier.Problem
	if c.program.login != nil && errors.As(err, &problem) && problem.Kind == carrier.Auth {
		c.forget()
		return c.track(ctx, asks)
	}
	return reports, err
}

// Exchange asks once, and returns the answer as it came.
func (p *Program) Exchange(ctx context.Context, a Account, client *outbound.Client, asks []carrier.Ask) (outbound.Answer, error) {
	c, err := p.connect(a, client)
	if err != nil {
		return outbound.Answer{}, err
	}
	_, answer, err := c.exchange(ctx, asks)
	return answer, err
}

// exchange signs in, makes the request before where there is one, and asks.
func (c *connector) exchange(ctx context.Context, asks []carrier.Ask) (*http.Request, outbound.Answer, error) {
	v := c.values(asks)
	if c.program.login != nil {
		token, err := c.renewed(ctx, v)
		if err != nil {
			return nil, outbound.Answer{}, err
		}
		v["token"] = token
	}
	ask := c.program.ask
	if ask.first != nil {
		if err := c.before(ctx, ask.first, v); err != nil {
			return nil, outbound.Answer{}, err
		}
	}
	request, err := ask.build(c.base, v)
	if err != nil {
		return nil, outbound.Answer{}, &carrier.Problem{Kind: carrier.BadRequest, Text: "the request can't be built: " + err.Error()}
	}
	answer, err := c.send(ctx, request)
	return request, answer, err
}

func (c *connector) track(ctx context.Context, asks []carrier.Ask) ([]carrier.Report, error) {
	request, answer, err := c.exchange(ctx, asks)
	if err != nil {
		return nil, err
	}
	asked := make([]string, len(asks))
	for i, a := range asks {
		asked[i] = a.Number
	}
	digest := ""
	if c.program.ask.next == nil {
		digest = digestOf(answer, asks)
		if reports, ok := same(digest, asks); ok {
			return reports, nil
		}
	}
	reports, parsed, err := c.program.readWith(answer.Body, answer.Status, asked, paramsOf(asks))
	c.tellShape(parsed, reports, err)
	if err != nil {
		return nil, withRetry(err, answer.Header)
	}
	if c.program.ask.next != nil {
		return c.further(ctx, request, answer, asked, reports)
	}
	for i := range reports {
		reports[i].Digest = digest
	}
	return reports, nil
}

func (c *connector) tellShape(parsed any, reports []carrier.Report, err error) {
	if c.shaped == nil {
		return
	}
	if shape := c.program.shapeOf(parsed, reports, err); shape != nil {
		c.shaped(*shape)
	}
}

// further reads the following pages and adds their events.
func (c *connector) further(ctx context.Context, request *http.Request, answer outbound.Answer, asked []string, reports []carrier.Report) ([]carrier.Report, error) {
	for page := 1; page < c.program.ask.pages; page++ {
		path := c.program.nextPage(answer.Body)
		if path == "" {
			break
		}
		if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
			return nil, unreadable("the next page is no path")
		}
		next, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.base, "/")+path, http.NoBody)
		if err != nil {
			return nil, unreadable("the next page's path is not well-formed")
		}
		next.Header = request.Header.Clone()
		if answer, err = c.send(ctx, next); err != nil {
			return nil, err
		}
		more, err := c.program.Read(answer.Body, answer.Status, asked)
		if err != nil {
			return nil, withRetry(err, answer.Header)
		}
		for i := range reports {
			addPage(&reports[i], more[i])
		}
	}
	return reports, nil
}

// nextPage is the path of the page behind an answer, "" if it is the last.
func (p *Program) nextPage(body []byte) string {
	v, err := tree(p.source.Read.Format, body)
	if err != nil {
		return ""
	}
	path, err := evaluate(p.ask.next, v)
	if err != nil {
		return ""
	}
	return scalar(path)
}

func addPage(r *carrier.Report, more carrier.Report) {
	if more.Problem != nil {
		return
	}
	if r.Problem != nil {
		*r = more
		return
	}
	if len(more.Events) > 0 && len(r.Events) > 0 && more.Events[0].Time.Local < r.Events[0].Time.Local {
		r.Events, more.Events = more.Events, r.Events
	}
	r.Events = append(r.Events, more.Events...)
	r.Unknown = append(r.Unknown, more.Unknown...)
	r.Faults = append(r.Faults, more.Faults...)
}

// values are the names that a request can use.
func (c *connector) values(asks []carrier.Ask) values {
	return valuesOf(c.program.source, c.account, asks, time.Now().UnixMilli(), strings.ReplaceAll(uuid.NewString(), "-", ""))
}

func valuesOf(s *carrier.Source, account map[string]any, asks []carrier.Ask, unixMS int64, id string) values {
	v := values{"account": account, "unix_ms": strconv.FormatInt(unixMS, 10), "id": id, "lang": s.Langs[0], "with": map[string]any{}}
	var numbers, parcels []any
	for _, a := range asks {
		numbers = append(numbers, a.Number)
		params := map[string]any{}
		for name, value := range a.Params {
			params[string(name)] = value
		}
		parcels = append(parcels, map[string]any{"number": a.Number, "params": params})
	}
	v["numbers"], v["parcels"] = numbers, parcels
	if len(asks) == 0 {
		return v
	}
	v["number"] = asks[0].Number
	for _, l := range s.Langs {
		if asks[0].Lang == l {
			v["lang"] = l
		}
	}
	with := map[string]any{}
	for name, value := range asks[0].With {
		with[name] = value
	}
	v["with"] = with
	if len(asks) == 1 {
		for name, value := range asks[0].Params {
			if name != carrier.Account { // by that name alone the operator's account is known
				v[string(name)] = value
			}
		}
	}
	return v
}

func paramsOf(asks []carrier.Ask) map[string]any {
	params := map[string]any{}
	if len(asks) == 1 {
		for name, value := range asks[0].Params {
			params[string(name)] = value
		}
	}
	return params
}

// send sends a request; what keeps an answer from coming is the source's
// problem, unless ctx ended.
func (c *connector) send(ctx context.Context, r *http.Request) (outbound.Answer, error) {
	answer, err := c.client.Do(ctx, r)
	switch {
	case err == nil:
		return answer, nil
	case ctx.Err() != nil:
		return answer, ctx.Err()
	case errors.Is(err, outbound.ErrTooLarge):
		return answer, &carrier.Problem{Kind: carrier.Unreadable, Text: err.Error()}
	}
	return answer, &carrier.Problem{Kind: carrier.Unavailable, Text: err.Error()}
}

// before makes the first request and takes from its answer what the second needs.
func (c *connector) before(ctx context.Context, f *first1, v values) error {
	request, err := f.build(c.base, v)
	if err != nil {
		return &carrier.Problem{Kind: carrier.BadRequest, Text: "the first request can't be built: " + err.Error()}
	}
	answer, err := c.send(ctx, request)
	if err != nil {
		return err
	}
	if kind, failed := problemOf(answer.Status); failed {
		return withRetry(&carrier.Problem{Kind: kind, Text: fmt.Sprintf("HTTP %d to the first request", answer.Status)}, answer.Header)
	}
	body, err := decode(answer.Body)
	if err != nil {
		return unreadable("the first answer %v", err)
	}
	for _, b := range f.take {
		if v[b.name], err = evaluate(b.code, body); err != nil {
			return unreadable("the first answer has no %s", b.name)
		}
	}
	return nil
}

// renewed is a token that holds for the next call.
func (c *connector) renewed(ctx context.Context, v values) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && time.Now().Before(c.until) {
		return c.token, nil
	}
	l := c.program.login
	request, err := l.build(c.login, v)
	if err != nil {
		return "", &carrier.Problem{Kind: carrier.BadRequest, Text: "the login can't be built: " + err.Error()}
	}
	answer, err := c.send(ctx, request)
	if err != nil {
		return "", err
	}
	if kind, failed := problemOf(answer.Status); failed {
		if kind == carrier.BadRequest {
			kind = carrier.Auth // that is how token endpoints refuse (RFC 6749, 5.2)
		}
		return "", withRetry(&carrier.Problem{Kind: kind, Text: fmt.Sprintf("HTTP %d to the login", answer.Status)}, answer.Header)
	}
	body, err := decode(answer.Body)
	if err != nil {
		return "", unreadable("the login's answer %v", err)
	}
	token, err := evaluate(l.token, body)
	if err != nil || scalar(token) == "" {
		return "", &carrier.Problem{Kind: carrier.Auth, Text: "the login's answer has no token"}
	}
	c.token, c.until = scalar(token), time.Now().Add(l.holds(body))
	return c.token, nil
}

// holds is how long a token is used: a little less than it lasts.
func (l *login) holds(body any) time.Duration {
	lasts := time.Hour
	if l.lasts != nil {
		if v, err := evaluate(l.lasts, body); err == nil {
			if seconds, err := strconv.ParseFloat(scalar(v), 64); err == nil && seconds > 0 {
				lasts = time.Duration(min(seconds, 30*86400) * float64(time.Second))
			}
		}
	}
	return lasts - min(lasts/10, time.Minute)
}

func (c *connector) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = ""
}

// withRetry adds what the answer says of when to come again.
func withRetry(err error, header http.Header) error {
	var problem *carrier.Problem
	after := header.Get("Retry-After")
	if after == "" || !errors.As(err, &problem) {
		return err
	}
	told := *problem
	if seconds, err := strconv.Atoi(after); err == nil && seconds >= 0 {
		told.RetryAfter = time.Duration(min(seconds, 7*86400)) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		told.RetryAfter = max(0, min(time.Until(at), 7*24*time.Hour))
	}
	return &told
}
