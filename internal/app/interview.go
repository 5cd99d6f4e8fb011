package app

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"waypost/internal/fault"
)

// An interview asks questions on a terminal, one a line. A question that a flag
// answered isn't asked; Enter takes what is proposed. Where nobody answers, at
// the end of the input, every proposal is taken.
type interview struct {
	in     *bufio.Scanner
	out    io.Writer
	silent bool // ask nothing, take the proposals
}

func newInterview(stdio Stdio, silent bool) *interview {
	return &interview{bufio.NewScanner(stdio.In), stdio.Out, silent}
}

// A question is what an interview asks, and what becomes of the answer.
type question struct {
	text     string
	flag     string // that answers it, too
	given    string // by the flag
	proposal string
	needed   bool
	wrong    func(answer string) string // says what is wrong; nil: nothing can be
}

// ask returns the answer. One that is wrong is asked again, and fails where
// nobody can be asked.
func (i *interview) ask(q question) (string, error) {
	if q.given != "" {
		return q.given, q.check(q.given)
	}
	for {
		answer, told := i.line(q)
		if answer == "" {
			answer = q.proposal
		}
		err := q.check(answer)
		if err == nil || !told {
			return answer, err
		}
		fmt.Fprintf(i.out, "  %s\n", fault.Text(err))
	}
}

// line asks once. It reports false where nobody answers.
func (i *interview) line(q question) (string, bool) {
	if i.silent {
		return "", false
	}
	fmt.Fprint(i.out, q.text)
	if q.proposal != "" {
		fmt.Fprintf(i.out, " [%s]", q.proposal)
	}
	fmt.Fprint(i.out, " > ")
	if !i.in.Scan() {
		i.silent = true
		fmt.Fprintln(i.out)
		return "", false
	}
	return strings.TrimSpace(i.in.Text()), true
}

func (q question) check(answer string) error {
	switch {
	case answer == "" && q.needed:
		return fault.New(fault.Invalid, "answer_missing", "This needs an answer, or --%s.").With(q.flag)
	case answer != "" && q.wrong != nil:
		if why := q.wrong(answer); why != "" {
			return fault.New(fault.Invalid, "answer_wrong", "--%s %s: %s").With(q.flag, answer, why)
		}
	}
	return nil
}

// pasted reads lines up to one that holds only a dot.
func (i *interview) pasted() string {
	var lines []string
	for i.in.Scan() && strings.TrimSpace(i.in.Text()) != "." {
		lines = append(lines, i.in.Text())
	}
	return strings.Join(lines, "\n")
}
