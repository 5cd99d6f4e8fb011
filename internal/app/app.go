// Package app puts the rooms together: configuration in, servers and workers
// out, one file per command. It is the only package that sees all others, and
// has no rules of its own.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"waypost/internal/fault"
)

// Stdio is what a command reads and writes.
type Stdio struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // something is wrong that the message tells
	exitUsage   = 2 // the command line can't be understood
	exitCarrier = 3 // a carrier's answer, or the lack of one, is the result
)

type cli struct {
	Serve     serveCommand     `cmd:"" help:"Run the website, the workers and everything else."`
	Track     trackCommand     `cmd:"" help:"Ask the carriers about numbers, without a server or database."`
	Recognise recogniseCommand `cmd:"" help:"Find tracking numbers in a text, and the carriers they can belong to."`
	Carrier   carrierCommand   `cmd:"" help:"List carriers; add, check, test and record them."`
	Admin     adminCommand     `cmd:"" help:"Look after members, staff and keys without a browser; beside a server that runs, too."`
	Policy    policyCommand    `cmd:"" help:"The privacy policy: check, publish, list and compare versions."`
	Sim       simCommand       `cmd:"" help:"Run the carrier simulator alone."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// carrierError is a carrier's problem as the result of a command: told in the
// command's own form, so Main only sets the exit code.
var errCarrier = errors.New("carrier problem")

// Main runs one command line and returns the exit code.
func Main(args []string, io Stdio) int {
	exited, code := false, exitOK
	parser, err := kong.New(&cli{},
		kong.Name("waypost"),
		kong.Description("Where is my parcel? Waypost asks the carriers.\n\nTo see it work: waypost serve --demo"),
		kong.Writers(io.Out, io.Err),
		kong.Exit(func(c int) { exited, code = true, c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Help(helpWithExamples),
		kong.ShortUsageOnError(),
	)
	if err != nil {
		panic(err) // the grammar above is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	line, err := parser.Parse(args)
	switch {
	case exited:
		return code
	case err != nil:
		fmt.Fprintf(io.Err, "waypost: %s\nTry: waypost --help\n", err)
		return exitUsage
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	line.BindTo(ctx, (*context.Context)(nil))
	switch err := line.Run(io); {
	case err == nil:
		return exitOK
	case errors.Is(err, errCarrier):
		return exitCarrier
	case fault.KindOf(err) == fault.Internal:
		fmt.Fprintf(io.Err, "waypost: %s\n", err)
	default:
		fmt.Fprintf(io.Err, "waypost: %s\n", withCause(err))
	}
	return exitFailed
}

// withCause tells an operator at the command line also what lies beneath.
func withCause(err error) string {
	text := fault.Text(err)
	var e *fault.Error
	if errors.As(err, &e) && e.Unwrap() != nil {
		text += "\n  (" + e.Unwrap().Error() + ")"
	}
	return text
}

// examples are shown below a command's help.
var examples = map[string]string{
	"serve":                  "  waypost serve --demo\n  waypost serve --config waypost.yaml\n  waypost serve --addr 0.0.0.0:8080 --data /var/lib/waypost",
	"track":                  "  waypost track --demo RR123456785DE\n  waypost track --config waypost.yaml --json 1Z88R0X30319772400\n  waypost track --demo --need phone_last4=0142 SF1823746501928",
	"recognise":              "  waypost recognise mail.txt\n  pbpaste | waypost recognise --json",
	"carrier list":           "  waypost carrier list\n  waypost carrier list --json | jq '.[] | select(.connects)'\n  waypost carrier list --json | jq '[.[].sources[] | select(.unproven).source] | unique'",
	"carrier check":          "  waypost carrier check carriers/fjordpost.yaml",
	"carrier test":           "  waypost carrier test\n  waypost carrier test ups inpost\n  waypost carrier test --in overlay hilltop",
	"carrier new":            "  waypost carrier new --to overlay\n  waypost carrier new --yes --name 'Hilltop Parcels' --number HILL482910375",
	"policy check":           "  waypost policy check --config waypost.yaml",
	"policy transfers":       "  waypost policy transfers --config waypost.yaml",
	"policy show":            "  waypost policy show --config waypost.yaml --lang zh",
	"policy publish":         "  waypost policy publish --config waypost.yaml\n  waypost policy publish --config waypost.yaml --from 2026-12-31",
	"policy list":            "  waypost policy list --config waypost.yaml --json",
	"policy diff":            "  waypost policy diff --config waypost.yaml\n  waypost policy diff --config waypost.yaml 2 3 --lang zh",
	"carrier take":           "  waypost carrier take --config waypost.yaml easypost/main missed/",
	"carrier docs":           "  waypost carrier docs --to carrier-pages",
	"carrier record":         "  waypost carrier record --config waypost.yaml hilltop HILL482910375\n  waypost carrier record --to carriers ups 1Z88R0X30319772400 --keep '.trackResponse.shipment[].userRelation'",
	"carrier learned":        "  waypost carrier learned\n  waypost carrier learned --json >learned.json; waypost recognise --learned learned.json mail.txt\n  waypost carrier learned --reset",
	"carrier read":           "  waypost carrier read inpost answer.json\n  waypost carrier read --file fjordpost.yaml fjordpost answer.json",
	"carrier try":            "  waypost carrier try --config waypost.yaml ups/main\n  waypost carrier try --config waypost.yaml dhl-unified --number 00340434292135100186",
	"carrier health":         "  waypost carrier health --config waypost.yaml\n  waypost carrier health --json | jq '.[] | select(.findings != [])'",
	"admin user find":        "  waypost admin user find mia@mail.example --purpose ticket:T-4711",
	"admin user show":        "  waypost admin user show mia@mail.example --purpose ticket:T-4711 --json",
	"admin user lock":        "  waypost admin user lock +493012345678 --purpose ticket:T-4711",
	"admin user unlock":      "  waypost admin user unlock mia@mail.example --purpose ticket:T-4711",
	"admin user sign-out":    "  waypost admin user sign-out mia@mail.example --purpose ticket:T-4711",
	"admin user erase-child": "  waypost admin user erase-child kim@mail.example --purpose ticket:T-4712 --yes",
	"admin staff invite":     "  waypost admin staff invite pavel@staff.example --role support --role privacy",
	"admin staff link":       "  waypost admin staff link                       the first link of an installation, anew\n  waypost admin staff link pavel@staff.example   for who lost app or password",
	"admin staff role":       "  waypost admin staff role pavel@staff.example support security",
	"admin staff list":       "  waypost admin staff list --json | jq -r '.[] | select(.state == \"active\") | .address'",
	"admin key list":         "  waypost admin key list --config waypost.yaml",
	"admin key rewrap":       "  waypost admin key rewrap --config waypost.yaml",
	"sim":                    "  waypost sim --addr 127.0.0.1:9099 --days 4 --speed 300",
}

func helpWithExamples(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	if node := ctx.Selected(); node != nil {
		name := strings.TrimPrefix(node.FullPath(), "waypost ")
		if text, ok := examples[name]; ok {
			fmt.Fprintf(ctx.Stdout, "\nExamples:\n%s\n", text)
		}
	}
	return nil
}
