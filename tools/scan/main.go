// Scan looks from outside whether a Waypost keeps its promises: it opens
// somebody's sealed fields in databases and backups (reads), searches files and
// databases for what must not stand there (finds), and looks for what is older
// than its declared period (old). It shares no code with Waypost: what it knows of
// keys and sealed values is docs/sealed.md, and what is stored it is told by
// `waypost admin inventory --json`.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

const usage = `Usage:
  scan reads --inventory FILE --keys FILE... --store ADDRESS... --data ADDRESS... --subject ID
  scan finds --words FILE PATH-OR-ADDRESS...
  scan old   --inventory FILE --data ADDRESS... [--at TIME]

An ADDRESS is sqlite:FILE, postgres://…, or dump:FILE of pg_dump --format=custom.
reads prints how many values of each field open, as JSON, and ends with 3 when none does.
Words stand one a line, those that are no text as hex:0a1b.
finds prints where a word stands, in plain, base64 or hex, and ends with 3 when one does.
old prints rows that are older than they may be, and ends with 3 when there are some.
`

// What a command ends with.
const (
	exitFine  = 0
	exitWrong = 1 // it couldn't look
	exitFound = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// A list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

var errUsage = errors.New(strings.TrimSpace(usage))

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	code, err := command(ctx, args, out)
	if err != nil {
		fmt.Fprintln(errs, err)
		return exitWrong
	}
	return code
}

func command(ctx context.Context, args []string, out io.Writer) (int, error) {
	if len(args) == 0 {
		return 0, errUsage
	}
	flags := flag.NewFlagSet("scan "+args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var keys, stores, data list
	inventory := flags.String("inventory", "", "")
	subject := flags.String("subject", "", "")
	words := flags.String("words", "", "")
	at := flags.String("at", "", "")
	flags.Var(&keys, "keys", "")
	flags.Var(&stores, "store", "")
	flags.Var(&data, "data", "")
	if err := flags.Parse(args[1:]); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, usage)
	}
	switch args[0] {
	case "reads":
		return reads(ctx, out, *inventory, keys, stores, data, *subject)
	case "finds":
		return finds(ctx, out, *words, flags.Args())
	case "old":
		now := time.Now()
		if *at != "" {
			var err error
			if now, err = time.Parse(time.RFC3339, *at); err != nil {
				return 0, fmt.Errorf("--at: %w", err)
			}
		}
		return old(ctx, out, *inventory, data, now)
	}
	return 0, errUsage
}

// A field is what `waypost admin inventory --json` says of a column.
type field struct {
	Room       string `json:"room"`
	Table      string `json:"table"`
	Column     string `json:"column"`
	Whose      string `json:"whose"`
	Protection string `json:"protection"`
	Retention  struct {
		Rule string `json:"rule"`
		For  int64  `json:"for_ms"`
		Most int64  `json:"most_ms"`
	} `json:"retention"`
}

func (f field) place() string { return f.Room + "." + f.Table + "." + f.Column }

func readInventory(file string) ([]field, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--inventory: %w", err)
	}
	var all []field
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("--inventory %s: %w", file, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("--inventory %s declares nothing", file)
	}
	return all, nil
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", " ")
	return e.Encode(v)
}
