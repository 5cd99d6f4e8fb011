package vault

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"waypost/internal/fault"
)

// maxRingFile bounds a key file, in bytes.
const maxRingFile = 64 << 10

// tooOpen are the rights that nobody may have on a key file: others any, the
// group to write. (Container platforms hand secrets over by the group.)
const tooOpen fs.FileMode = 0o027

var (
	errRingFile = fault.New(fault.Unavailable, "regional_key_file",
		"The regional key file %s can't be read or made. Check that its folder exists and that this user may use it.")
	errRingOpen = fault.New(fault.Denied, "regional_key_exposed",
		"The regional key file %s can be read or changed by other users (mode %s). Take that away: chmod 600 %s")
)

const ringFileHead = `# Regional key of a Waypost, newest first. Whoever has this file and the key
# store reads everybody; whoever loses it reads nobody. Keep a copy in a place
# of its own, and never one together with a backup of the data.
`

// ReadRing reads the keys of a file, one a line, newest first; lines that begin
// with # say something to people. A file that isn't there is made, with a new
// key and for this user only, and so is its folder; when several programs
// start at once, one makes it.
func ReadRing(file string) (Ring, error) {
	text, err := readRingFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeRingFile(file); err == nil {
			text, err = readRingFile(file)
		}
	}
	if err != nil {
		var known *fault.Error
		if errors.As(err, &known) {
			return Ring{}, err
		}
		return Ring{}, errRingFile.With(file).Because(err)
	}
	var keys []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			keys = append(keys, line)
		}
	}
	return ParseRing(file, keys...)
}

func readRingFile(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); mode&tooOpen != 0 {
		return "", errRingOpen.With(file, fmt.Sprintf("%04o", mode), file)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxRingFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxRingFile {
		return "", errKeyText.With(file, "the file is larger than 64 KiB")
	}
	return string(text), nil
}

// makeRingFile writes a new key beside the file and then gives it its name, so
// that nobody ever reads half a key and the first of several stays. That it is
// there already is well.
func makeRingFile(file string) error {
	folder := filepath.Dir(file)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	draft := filepath.Join(folder, ".new-"+rand.Text())
	text := ringFileHead + base64.StdEncoding.EncodeToString(newSecret()) + "\n"
	defer os.Remove(draft) //nolint:errcheck // the key has its name by then, or there is none
	if err := writeDurably(draft, text); err != nil {
		return err
	}
	if err := os.Link(draft, file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(folder)
}

func writeDurably(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
