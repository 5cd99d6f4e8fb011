package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An existing client of the compatible API, written by others. Its code is not
// in this repository: WAYPOST_COMPAT_CLIENTS names a folder of checkouts.
type client struct {
	repo     string // on GitHub, and the name of its checkout with + for /
	commit   string // that is run
	language string
	versions string            // of the API that it speaks
	folder   string            // in testdata/compat: what drives it
	beside   map[string]string // files that it expects around itself, by path from its folder
	hosts    []string          // whose addresses stand in its code, in place of which Waypost's comes
	prepare  [][]string        // commands
	run      []string
	env      []string
	needs    []string // programs
	receives bool     // also webhooks, with its own receiver
}

const apiHost = "https://api.17track.net"

var clients = []client{
	{
		repo: "wksw/17track-golang-sdk", commit: "38a545c477470fd78cb934707ff76b0c9f7f2b73", language: "Go", versions: "v1, v2",
		folder: "wksw", hosts: []string{apiHost}, run: []string{"go", "run", "-mod=mod", "./drive"}, needs: []string{"go"},
	},
	{
		repo: "imokyou/track17", commit: "caed29f7b6bc2495ef3275ce24edc9747271574d", language: "Go", versions: "v2.4",
		folder: "imokyou", hosts: []string{apiHost}, run: []string{"go", "run", "./drive"}, needs: []string{"go"}, receives: true,
	},
	{
		repo: "LowerDeez/django-ok-17track", commit: "5fa334e05beda2338d4eb39fc51c021e5a89fe20", language: "Python", versions: "v1",
		folder: "lowerdeez", hosts: []string{apiHost}, run: []string{"/usr/bin/python3", "drive.py"}, needs: []string{"/usr/bin/python3"},
	},
	{
		repo: "godely/aio17track", commit: "4253314848cfbaaa67c1be40f04b95458eb27649", language: "Python", versions: "v2.4",
		folder: "godely", hosts: []string{apiHost}, run: []string{"python3.12", "drive.py"}, needs: []string{"python3.12"}, receives: true,
		// Debian's aiohttp is built for Debian's Python; without its extensions it also runs in a newer one.
		env: []string{"PYTHONPATH=/usr/lib/python3/dist-packages", "MULTIDICT_NO_EXTENSIONS=1", "YARL_NO_EXTENSIONS=1", "FROZENLIST_NO_EXTENSIONS=1", "AIOHTTP_NO_EXTENSIONS=1"},
	},
	{
		repo: "sch-group/17track", commit: "235606ddac93964df3d06f8af640bb2d4b9100b1", language: "PHP", versions: "v1",
		folder: "schgroup", hosts: []string{apiHost}, run: []string{"php", "-d", "error_reporting=8191", "drive.php"}, needs: []string{"php"},
	},
	{
		repo: "crasphbb/17track", commit: "da09cb5655df5adb3af0b90d8c675fcc0199d225", language: "PHP", versions: "v2.1",
		folder: "crasphbb", hosts: []string{apiHost}, run: []string{"php", "-d", "error_reporting=8191", "drive.php"}, needs: []string{"php"},
	},
	{
		repo: "Xav-74/parcelTracking", commit: "431d2a395a4554536fbe86a49ef5f8542c5a10bc", language: "PHP", versions: "v2.2",
		folder: "xav74", hosts: []string{apiHost}, run: []string{"php", "drive.php"}, needs: []string{"php"}, receives: true,
		beside: map[string]string{"../../core/php/core.inc.php": "<?php\nrequire_once __DIR__ . '/../../it/client/jeedom.php';\n"},
	},
	{
		repo: "nwalke/17track-notion-worker", commit: "4207d505e1ea90e8dd394ab1ded6bf1afc7f837d", language: "TypeScript", versions: "v2.4",
		folder: "nwalke", hosts: []string{apiHost, "https://res.17track.net"},
		prepare: [][]string{{"npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"}},
		run:     []string{"node_modules/.bin/tsx", "drive.mts"}, needs: []string{"node", "npm"},
	},
}

// Others' programs that speak the Tracking API do so with Waypost, with nothing
// changed in them but the address. make compat runs it and writes the transcript.
func TestOthersClientsWork(t *testing.T) {
	t.Parallel()
	checkouts := os.Getenv("WAYPOST_COMPAT_CLIENTS")
	if checkouts == "" {
		t.Skip("WAYPOST_COMPAT_CLIENTS names no folder of checkouts: see docs/compatibility.md")
	}
	transcript, languages := &strings.Builder{}, map[string]bool{}
	ran := 0
	for _, c := range clients {
		t.Run(c.repo, func(t *testing.T) {
			for _, need := range c.needs {
				if _, err := exec.LookPath(need); err != nil {
					t.Skipf("%s is not installed", need)
				}
			}
			w := newCompatWorld(t, c)
			w.drive(t, filepath.Join(checkouts, strings.ReplaceAll(c.repo, "/", "+")))
			w.write(transcript)
			ran++
			languages[c.language] = true
		})
	}
	if ran < 6 || len(languages) < 3 {
		t.Errorf("%d clients in %d languages ran, want 6 in 3", ran, len(languages))
	}
	if out := os.Getenv("WAYPOST_COMPAT_TRANSCRIPT"); out != "" {
		if err := os.WriteFile(out, []byte(transcript.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
