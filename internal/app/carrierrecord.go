package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/carrier/kit"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/outbound"
)

type carrierRecordCommand struct {
	Carrier carrier.Code  `arg:"" help:"Carrier or source to ask, by code."`
	Numbers []string      `arg:"" name:"number" help:"Tracking numbers. They are asked in one call and kept as look-alikes."`
	Need    carrier.Given `help:"What the carrier needs besides: postal_code=1012AB, phone_last4=0142, ship_date=2026-03-31, account=…, destination_country=NO. It is kept as a look-alike." mapsep:","`
	Keep    []string      `help:"Field that is harmless, by path, with what is below it."`
	Hide    []string      `help:"Field that is replaced by a look-alike, by path, with what is below it."`
	To      string        `help:"Folder with the carrier's file. Default: the overlay folder."`
	Account string        `help:"Account to ask with, by name, if there are several."`
	Config  string        `help:"Configuration file with the carrier accounts." type:"path" env:"WAYPOST_CONFIG"`
}

// A recording is what one call of a source becomes on the way to its file.
type recording struct {
	file    string // the carrier's or source's
	source  *carrier.Source
	program *engine.Program
	carrier *carrier.Carrier // nil where a shared source is asked by its own code
	account engine.Account
	proof   carrier.Proof // made where the account is the simulator's
	asks    []carrier.Ask
	kept    []carrier.Ask // the same with look-alikes
	answer  outbound.Answer
}

func (c carrierRecordCommand) Run(ctx context.Context, stdio Stdio) error {
	cfg, err := config.Load(c.Config, environment(), nil)
	if err != nil {
		return err
	}
	if c.To != "" {
		cfg.Carriers = c.To
	}
	k, err := loadKnowledge(cfg.Carriers)
	if err != nil {
		return err
	}
	tellMistakes(stdio.Err, k.mistakes)
	r, err := c.begin(k, cfg)
	if err != nil {
		return err
	}
	client := outbound.New(outbound.Options{Timeout: cfg.Poll.Timeout, Allow: ownHosts(cfg.Accounts)})
	if r.answer, err = r.program.Exchange(ctx, r.account, client, r.asks); err != nil {
		return fault.New(fault.Unavailable, "carrier_record", "%s can't be asked: %s").With(c.Carrier, err)
	}
	answer, err := c.redacted(r)
	if err != nil {
		return err
	}
	vectors, err := r.vectors(answer)
	if err != nil {
		return err
	}
	return r.write(stdio, answer, vectors)
}

// begin finds the file, the account and look-alikes of the numbers.
func (c carrierRecordCommand) begin(k *knowledge, cfg config.Config) (*recording, error) {
	r := &recording{}
	var err error
	if r.source, err = k.sourceOf(c.Carrier); err != nil {
		return nil, err
	}
	if known, ok := k.catalogue.Carrier(c.Carrier); ok {
		r.carrier = known
	}
	if r.file, err = fileOf(cfg.Carriers, r.source.Code); err != nil {
		return nil, err
	}
	program, mistakes := engine.Compile(r.source)
	if len(mistakes) > 0 {
		return nil, fault.New(fault.Invalid, "carrier_file", "The file of %s has mistakes. See: waypost carrier check %s").With(c.Carrier, r.file)
	}
	r.program = program
	if r.account, r.proof, err = c.accountOf(r.source, cfg); err != nil {
		return nil, err
	}
	return r, c.ask(k, r)
}

// fileOf is where a source's file stands in a folder.
func fileOf(folder string, code carrier.SourceCode) (string, error) {
	for _, file := range []string{filepath.Join(folder, string(code)+".yaml"), filepath.Join(folder, "sources", string(code)+".yaml")} {
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", fault.New(fault.NotFound, "carrier_file", "There is no %s.yaml in %s. Name its folder with --to; in a clone of Waypost it is carriers, or sources.").With(code, folder)
}

func (c carrierRecordCommand) accountOf(source *carrier.Source, cfg config.Config) (engine.Account, carrier.Proof, error) {
	own := cfg.Accounts[string(source.Code)]
	names := sortedKeys(own)
	if c.Account != "" {
		names = slices.DeleteFunc(names, func(name string) bool { return name != c.Account })
	}
	if len(names) == 0 {
		if len(source.Account) == 0 && c.Account == "" {
			return engine.Account{Code: carrier.AccountCode(source.Code)}, carrier.Recorded, nil
		}
		return engine.Account{}, "", fault.New(fault.NotFound, "account_missing", "The settings have no such account of %s: accounts.%s.main.values needs %s.").With(source.Code, source.Code, strings.Join(source.Account, ", "))
	}
	chosen := own[names[0]]
	account := engine.Account{Code: carrier.AccountCode(string(source.Code) + "/" + names[0]), Values: map[string]string{}, Base: chosen.Base, Login: chosen.Login}
	for name, value := range chosen.Values {
		account.Values[name] = string(value)
	}
	if chosen.Simulated {
		return account, carrier.Made, nil
	}
	return account, carrier.Recorded, nil
}

// ask makes the questions, as they are asked and as they are kept.
func (c carrierRecordCommand) ask(k *knowledge, r *recording) error {
	given, err := tidied(c.Need)
	if err != nil {
		return err
	}
	kept := map[carrier.Need]string{}
	for need, value := range given {
		kept[need] = kit.Like(value)
	}
	for _, number := range c.Numbers {
		ask := carrier.Ask{Number: strings.ToUpper(number), Params: given}
		like := kit.Like(ask.Number)
		if r.carrier != nil {
			for _, via := range r.carrier.Via {
				if via.Source == r.source.Code {
					ask.With = via.With
				}
			}
			if len(r.carrier.Formats) > 0 {
				if like, err = kit.LikeNumber(k.index, r.carrier.Code, ask.Number); err != nil {
					return fault.New(fault.Invalid, "number_unknown", "No look-alike can be made: %s. Without one it isn't recorded.").With(err)
				}
			}
		}
		r.asks = append(r.asks, ask)
		ask.Number, ask.Params = like, kept
		r.kept = append(r.kept, ask)
	}
	if len(r.asks) > r.source.Batch {
		return fault.New(fault.Invalid, "too_many_numbers", "%s takes %s in one call.").With(r.source.Code, counted(r.source.Batch, "number"))
	}
	return nil
}

// redacted is the answer without what is private. It fails with all fields that
// nobody decided on.
func (c carrierRecordCommand) redacted(r *recording) ([]byte, error) {
	redactor := kit.NewRedactor(r.source, c.Keep, c.Hide)
	for i, ask := range r.asks {
		redactor.Replace(ask.Number, r.kept[i].Number)
		for need, value := range ask.Params {
			redactor.Replace(value, r.kept[i].Params[need])
		}
	}
	for name, value := range r.account.Values {
		redactor.Replace(value, "the-"+strings.ReplaceAll(name, "_", "-"))
	}
	answer, unsure, err := redactor.Redact(r.answer.Body)
	if err != nil {
		return nil, fault.New(fault.Invalid, "carrier_record", "HTTP %d came, and it isn't kept: %s.").With(r.answer.Status, err)
	}
	if len(unsure) > 0 {
		return nil, undecided(unsure)
	}
	for _, value := range r.account.Values {
		if bytes.Contains(answer, []byte(value)) {
			return nil, fault.New(fault.Invalid, "carrier_record", "The answer holds a value of the account, and isn't kept.")
		}
	}
	return answer, nil
}

// undecided asks the operator about fields; nothing was written.
func undecided(fields []kit.Unsure) error {
	var lines []string
	for _, f := range fields {
		lines = append(lines, fmt.Sprintf("  '%s'  for instance %q", f.Path, clipped(f.Value, 60)))
	}
	return fault.New(fault.Invalid, "carrier_unsure", "Nothing was written. %s may hold something private:\n%s\nDecide each: --keep PATH if it is harmless, --hide PATH to put a look-alike there.").
		With(counted(len(fields), "field"), strings.Join(lines, "\n"))
}

func clipped(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most]) + "…"
}

// vectors are the answer's and the request's.
func (r *recording) vectors(answer []byte) ([]carrier.Vector, error) {
	is, err := kit.ReadAlike(r.program, r.answer.Status, kit.Reading{Answer: r.answer.Body, Asked: numbersOf(r.asks)}, kit.Reading{Answer: answer, Asked: numbersOf(r.kept)})
	if err != nil {
		return nil, fault.New(fault.Invalid, "carrier_record", "Nothing was written: %s. Keep the field that decides with --keep.").With(err)
	}
	v := kit.VectorOf(r.proof, is)
	v.HTTP, v.Params = r.answer.Status, r.kept[0].Params
	return []carrier.Vector{v, {Asked: v.Asked, Params: v.Params}}, nil
}

func numbersOf(asks []carrier.Ask) []string {
	numbers := make([]string, len(asks))
	for i, ask := range asks {
		numbers[i] = ask.Number
	}
	return numbers
}

// write puts answer and request beside the carrier's file, and the vectors into it.
func (r *recording) write(stdio Stdio, answer []byte, vectors []carrier.Vector) error {
	folder := strings.TrimSuffix(r.file, ".yaml")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return cantWrite(folder, err)
	}
	ending := ".xml"
	if r.source.Read.Format != "xml" {
		ending = ".json"
		var lines bytes.Buffer
		if err := json.Indent(&lines, answer, "", "  "); err != nil {
			return fmt.Errorf("indent the answer: %w", err)
		}
		answer = lines.Bytes()
	}
	name := freeName(folder, strings.ReplaceAll(string(r.proof)+"-"+string(vectors[0].Kind), "_", "-"))
	vectors[0].Answer, vectors[1].Sends = name+ending, name+".txt"
	request, err := r.program.Request(vectors[1])
	if err != nil {
		return fmt.Errorf("write the request out: %w", err)
	}
	text, err := os.ReadFile(r.file)
	if err != nil {
		return fault.New(fault.NotFound, "carrier_file", "%s can't be read.").With(r.file).Because(err)
	}
	added, err := kit.AddVectors(string(text), vectors...)
	if err != nil {
		return fault.New(fault.Invalid, "carrier_file", "%s: %s.").With(r.file, err)
	}
	for _, f := range []struct{ file, text string }{
		{filepath.Join(folder, vectors[0].Answer), string(answer)},
		{filepath.Join(folder, vectors[1].Sends), request},
		{r.file, added},
	} {
		if err := os.WriteFile(f.file, []byte(f.text), 0o640); err != nil { //nolint:gosec // others of the group may read carrier files
			return cantWrite(f.file, err)
		}
		fmt.Fprintf(stdio.Out, "written: %s\n", f.file)
	}
	if r.proof == carrier.Made {
		fmt.Fprintln(stdio.Out, "The account is simulated, so this proves nothing of the carrier.")
	}
	fmt.Fprintf(stdio.Out, "Read the answer through before you hand it on. Then: waypost carrier test --in %s %s\n", filepath.Dir(r.file), r.source.Code)
	return nil
}

func cantWrite(file string, err error) error {
	return fault.New(fault.Invalid, "file_write", "%s can't be written.").With(file).Because(err)
}

// freeName is a name that no answer in the folder has yet: with the first free
// number.
func freeName(folder, name string) string {
	name = strings.TrimSuffix(name, "-")
	for n := 1; ; n++ {
		free := fmt.Sprintf("%s-%d", name, n)
		if found, err := filepath.Glob(filepath.Join(folder, free+".*")); err != nil || len(found) == 0 {
			return free
		}
	}
}
