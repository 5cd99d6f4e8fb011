package app

import (
	"context"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"waypost/internal/config"
	"waypost/internal/fault"
)

type serveCommand struct {
	Addr   string `help:"Where to listen, HOST:PORT. Default 127.0.0.1:8080; port 0 takes a free one."`
	Data   string `help:"Folder of the embedded database. Default ./data." type:"path"`
	Config string `help:"Configuration file; docs/configuration.md explains it." type:"path" env:"WAYPOST_CONFIG"`
	Demo   bool   `help:"Start the carrier simulator too, and connect every carrier to it."`
}

func (c serveCommand) Run(ctx context.Context, stdio Stdio) error {
	if c.Demo && c.Data == "" && c.Config == "" {
		folder, err := os.MkdirTemp("", "waypost-demo-")
		if err != nil {
			return fault.New(fault.Unavailable, "demo_data", "Can't make a folder for the demo's data. Name one with --data.").Because(err)
		}
		defer os.RemoveAll(folder) //nolint:errcheck // nothing of it is needed any more
		c.Data = folder
	}
	load := func() (config.Config, error) { return config.Load(c.Config, environment(), c.flags()) }
	cfg, err := load()
	if err != nil {
		return err
	}
	s, err := newServer(ctx, cfg, newLogger(cfg.Log, stdio.Err))
	if err != nil {
		return err
	}
	defer s.close()
	debug.FreeOSMemory() // reading all files takes several times what is kept of them
	return s.run(ctx, stdio.Out, load)
}

// flags are the settings that were given on the command line, by their dotted names.
func (c serveCommand) flags() map[string]any {
	given := map[string]any{}
	for name, value := range map[string]string{"addr": c.Addr, "data": c.Data} {
		if value != "" {
			given[name] = value
		}
	}
	if c.Demo {
		given["demo"] = true
	}
	return given
}

func newLogger(c config.Log, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
