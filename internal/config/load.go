package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"waypost/internal/fault"
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 1 << 20

// ownNames are variables of the test and build tools, which are no settings.
var ownNames = []string{"WAYPOST_REQUIRE", "WAYPOST_SOAK", "WAYPOST_BENCH", "WAYPOST_SHOTS", "WAYPOST_CONFIG"}

// Load reads the file (none if empty), then the environment (WAYPOST_ADDR;
// two underscores lead down a level: WAYPOST_POLL__PACE), then flags (by the
// dotted name: "poll.pace"); the later wins. Every mistake is reported at
// once, each by its name.
func Load(file string, environ []string, flags map[string]any) (Config, error) {
	k := koanf.New(".")
	if file != "" {
		text, err := readFile(file)
		if err != nil {
			return Config{}, err
		}
		if err := k.Load(rawbytes.Provider(text), yaml.Parser()); err != nil {
			return Config{}, fault.New(fault.Invalid, "config_syntax", "%s is not readable as YAML: %s").With(file, err)
		}
	}
	variables := env.Provider(".", env.Opt{
		Prefix:        "WAYPOST_",
		EnvironFunc:   func() []string { return environ },
		TransformFunc: variable,
	})
	if err := k.Load(variables, nil); err != nil {
		return Config{}, fmt.Errorf("read environment: %w", err)
	}
	if err := k.Load(confmap.Provider(flags, "."), nil); err != nil {
		return Config{}, fmt.Errorf("read flags: %w", err)
	}

	c := Default()
	var mistakes []string
	err := k.UnmarshalWithConf("", &c, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{
		TagName:          "koanf",
		Result:           &c,
		WeaklyTypedInput: true,
		ErrorUnused:      true,
		ZeroFields:       true,
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(),
			list,
			day,
			prefix,
			mapstructure.TextUnmarshallerHookFunc(),
		),
	}})
	mistakes = append(mistakes, decodingMistakes(err)...)
	mistakes = append(mistakes, c.complete()...)
	if len(mistakes) > 0 {
		return Config{}, fault.New(fault.Invalid, "config_invalid", "The configuration can't be used:\n  %s").
			With(strings.Join(mistakes, "\n  "))
	}
	return c, nil
}

func readFile(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fault.New(fault.Invalid, "config_file", "The configuration file %s can't be read. Is the name right, and may this user read it?").
			With(file).Because(err)
	}
	if info.Size() > maxFile {
		return nil, fault.New(fault.Invalid, "config_file", "The configuration file %s is larger than 1 MiB. Is it the right one?").With(file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.Invalid, "config_file", "The configuration file %s can't be read.").With(file).Because(err)
	}
	return text, nil
}

// variable turns WAYPOST_ACCOUNTS__DHL_UNIFIED__MAIN__VALUES__API_KEY into
// accounts.dhl-unified.main.values.api_key; names that may hold hyphens get
// them for their underscores.
func variable(name, value string) (string, any) {
	if slices.Contains(ownNames, name) || strings.HasPrefix(name, "WAYPOST_TEST_") {
		return "", nil
	}
	levels := strings.Split(strings.ToLower(strings.TrimPrefix(name, "WAYPOST_")), "__")
	if levels[0] == "accounts" && len(levels) > 1 {
		levels[1] = strings.ReplaceAll(levels[1], "_", "-")
	}
	if len(levels) > 2 && levels[0] == "providers" && levels[1] == "oidc" {
		levels[2] = strings.ReplaceAll(levels[2], "_", "-")
	}
	if len(levels) == 3 && slices.Equal(levels[:2], []string{"recipients", "contacts"}) {
		levels[2] = strings.ReplaceAll(levels[2], "_", "-")
	}
	if len(levels) == 4 && slices.Equal(levels[:3], []string{"sms", "generic", "headers"}) {
		levels[3] = strings.ReplaceAll(levels[3], "_", "-")
	}
	return strings.Join(levels, "."), value
}

// list reads a text with commas where a list is wanted.
func list(from, to reflect.Type, value any) (any, error) {
	if from.Kind() != reflect.String || to.Kind() != reflect.Slice {
		return value, nil
	}
	var items []string
	for item := range strings.SplitSeq(value.(string), ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items, nil
}

// prefix reads an address as the network that holds only it.
func prefix(from, to reflect.Type, value any) (any, error) {
	if from.Kind() != reflect.String || to != reflect.TypeFor[netip.Prefix]() {
		return value, nil
	}
	text := value.(string)
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, errors.New("is neither an address (192.0.2.7) nor a network (192.0.2.0/24)")
	}
	return network, nil
}

// decodingMistakes takes a decoder's error apart into one line each.
func decodingMistakes(err error) []string {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, decodingMistakes(e)...)
		}
		return all
	}
	text := err.Error()
	if rest, ok := strings.CutPrefix(text, "'"+reflect.TypeFor[Config]().String()+"' has invalid keys: "); ok {
		return []string{"unknown settings: " + rest}
	}
	if name, rest, ok := strings.Cut(strings.TrimPrefix(text, "'"), "' "); ok {
		return []string{name + ": " + rest}
	}
	return []string{text}
}
