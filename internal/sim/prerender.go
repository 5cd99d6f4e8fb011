package sim

import (
	"bytes"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
)

// prerendered are answers made once and served from memory, so that a
// benchmark measures who asks and not who answers. Of the requests for one
// thing, every tenth is answered with something new: the newest event at
// another time and place, and ten requests later the other way round. Accounts,
// faults and limits are not looked at, and the clock stands.
type prerendered struct {
	answers sync.Map // of what is asked (string) to *rendering
}

// A rendering is the two answers to one request.
type rendering struct {
	once    sync.Once
	answers [2]recording
	numbers int
	first   int64 // how far into its ten requests it begins, so that not all change at once
	asked   atomic.Int64
}

// A recording is an answer kept.
type recording struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recording) Header() http.Header         { return r.header }
func (r *recording) WriteHeader(status int)      { r.status = status }
func (r *recording) Write(p []byte) (int, error) { return r.body.Write(p) }

// serve answers c out of memory, after mux has made the two answers.
func (p *prerendered) serve(c *call, mux *http.ServeMux) {
	key := c.desk.name + " " + c.r.Method + " " + c.r.URL.Path + "?" + c.r.URL.RawQuery + "\n" + asked(c)
	kept, ok := p.answers.Load(key)
	if !ok {
		kept, _ = p.answers.LoadOrStore(key, &rendering{first: int64(roll(key).below(10))})
	}
	r := kept.(*rendering)
	r.once.Do(func() {
		for i := range r.answers {
			r.answers[i] = recording{status: http.StatusOK, header: http.Header{}}
			once := *c
			once.ResponseWriter = &r.answers[i]
			if i == 1 {
				once.faults = []Fault{{Kind: Corrected}}
			}
			mux.ServeHTTP(&once, c.r)
			r.numbers = once.numbers
		}
	})
	c.numbers = r.numbers
	answer := &r.answers[(r.first+r.asked.Add(1)-1)/10%2]
	maps.Copy(c.Header(), answer.header)
	c.WriteHeader(answer.status)
	_, _ = c.Write(answer.body.Bytes())
}

// asked is what stays the same in the body when somebody asks again: a signed
// form's timestamp and digest don't.
func asked(c *call) string {
	if data := c.r.PostFormValue("msgData"); data != "" {
		return data
	}
	return string(c.body)
}
