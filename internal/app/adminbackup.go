package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

type (
	adminBackup struct {
		adminWhere
		Folder string `arg:"" help:"A folder that isn't there yet; it is made when all of it is written." type:"path"`
		Prune  bool   `help:"Delete backups beside it that are older than the privacy policy says (policy.backups)."`
	}
	adminRestore struct {
		adminWhere
		Folder string `arg:"" help:"What waypost admin backup wrote." type:"existingdir"`
	}
)

var (
	errBackupThere = fault.New(fault.Conflict, "backup_there", "There is something at %s already. Name a folder that isn't there yet.")
	errNoBackup    = fault.New(fault.Invalid, "backup_none", "%s holds no backup: its manifest.json can't be read.")
	errBackupHurt  = fault.New(fault.Invalid, "backup_damaged", "The file %s of the backup isn't what was written: its SHA-256 differs. Take another copy.")
	errBackupShape = fault.New(fault.Invalid, "backup_shape", "The backup has %s in one database; the configuration doesn't. Restore with the databases that it was made of.")
)

const manifestName = "manifest.json"

// A manifest says what a backup holds. Key stores are in none.
type manifest struct {
	Made      time.Time    `json:"made"` // UTC; when it was begun
	Version   string       `json:"version"`
	Databases []backupPart `json:"databases"`
}

// A backupPart is one database's copy.
type backupPart struct {
	Holds   []string   `json:"holds"` // parcels, people/REGION
	Dialect db.Dialect `json:"dialect"`
	File    string     `json:"file"`
	SHA256  string     `json:"sha256"`
}

// holdings are what each database of a configuration holds, by its address.
func holdings(c config.Database) map[string][]string {
	all := map[string][]string{string(c.Parcels): {"parcels"}}
	for _, region := range slices.Sorted(maps.Keys(c.People)) {
		address := string(c.People[region])
		all[address] = append(all[address], "people/"+region)
	}
	return all
}

func (c adminBackup) Run(ctx context.Context, stdio Stdio) error {
	if _, err := os.Stat(c.Folder); !errors.Is(err, os.ErrNotExist) {
		return errBackupThere.With(c.Folder)
	}
	return c.databases(ctx, stdio, func(databases *db.Set, cfg config.Config, _ *slog.Logger) error {
		part := c.Folder + ".part"
		if err := errors.Join(os.RemoveAll(part), os.MkdirAll(part, 0o700)); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		m := manifest{Made: time.Now().UTC().Truncate(time.Second), Version: version()}
		for address, holds := range holdings(cfg.Database) {
			p, err := backUp(ctx, databaseOf(databases, cfg.Database, address), part, holds)
			if err != nil {
				return err
			}
			m.Databases = append(m.Databases, p)
		}
		text, err := json.MarshalIndent(m, "", "  ")
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		if err := os.WriteFile(filepath.Join(part, manifestName), text, 0o600); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		if err := os.Rename(part, c.Folder); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		err = c.tell(stdio.Out, m, func(out io.Writer) {
			fmt.Fprintf(out, "Backed up to %s. The key stores are not in it: keep only their newest copy, elsewhere.\n", c.Folder)
		})
		if c.Prune {
			err = errors.Join(err, prune(filepath.Dir(c.Folder), m.Made.AddDate(0, 0, -cfg.Policy.Backups)))
		}
		return err
	})
}

// prune deletes the backups in a folder that were made before a time. What isn't
// known to be a backup stays.
func prune(in string, before time.Time) error {
	entries, err := os.ReadDir(in)
	if err != nil {
		return fmt.Errorf("delete old backups: %w", err)
	}
	var failed error
	for _, e := range entries {
		folder := filepath.Join(in, e.Name())
		text, err := os.ReadFile(filepath.Join(folder, manifestName))
		var m manifest
		if err != nil || json.Unmarshal(text, &m) != nil || m.Made.IsZero() || len(m.Databases) == 0 || !m.Made.Before(before) {
			continue
		}
		failed = errors.Join(failed, os.RemoveAll(folder))
	}
	if failed != nil {
		return fmt.Errorf("delete old backups: %w", failed)
	}
	return nil
}

// databaseOf is the opened database at one of the configured addresses.
func databaseOf(s *db.Set, c config.Database, address string) *db.DB {
	if string(c.Parcels) == address {
		return s.Parcels
	}
	for region, own := range c.People {
		if string(own) == address {
			return s.People[region]
		}
	}
	return nil
}

func backUp(ctx context.Context, d *db.DB, folder string, holds []string) (backupPart, error) {
	p := backupPart{Holds: holds, Dialect: d.Dialect(), File: strings.ReplaceAll(holds[0], "/", "-") + "." + string(d.Dialect())}
	file := filepath.Join(folder, p.File)
	if err := d.Backup(ctx, file); err != nil {
		return p, err
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return p, fmt.Errorf("back up: %w", err)
	}
	var err error
	p.SHA256, err = sumOf(file)
	return p, err
}

func sumOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read the backup: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("read the backup: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// A restored says what came of a restore.
type restored struct {
	Made   time.Time `json:"made"`   // UTC; when the backup was begun
	Erased int       `json:"erased"` // people and accounts who were erased since, and were erased again
}

func (c adminRestore) Run(ctx context.Context, stdio Stdio) error {
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	m, err := readManifest(c.Folder)
	if err != nil {
		return err
	}
	log := newLogger(cfg.Log, stdio.Err)
	open := func(ctx context.Context, d config.Database, o db.Options) (*db.Set, error) {
		return m.restore(ctx, c.Folder, d, o)
	}
	s, err := newServerOn(ctx, cfg, log, open)
	if err != nil {
		return err
	}
	defer s.close()
	done := restored{Made: m.Made}
	if done.Erased, err = s.eraseAgain(ctx); err != nil {
		return err
	}
	for address := range holdings(cfg.Database) {
		if err := databaseOf(s.databases, cfg.Database, address).Finish(ctx); err != nil {
			return err
		}
	}
	return c.tell(stdio.Out, done, func(out io.Writer) {
		fmt.Fprintf(out, "Restored what was there at %s. Erased again, because they were erased since: %d.\n", m.Made.Format("2006-01-02 15:04 UTC"), done.Erased)
	})
}

func readManifest(folder string) (m manifest, err error) {
	text, err := os.ReadFile(filepath.Join(folder, manifestName))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return m, errNoBackup.With(folder).Because(err)
	}
	for _, p := range m.Databases {
		if !filepath.IsLocal(p.File) {
			return m, errNoBackup.With(folder)
		}
		sum, err := sumOf(filepath.Join(folder, p.File))
		if err != nil {
			return m, err
		}
		if sum != p.SHA256 {
			return m, errBackupHurt.With(p.File)
		}
	}
	return m, nil
}

// restore fills the databases of a configuration. They hold the same as those that
// the backup was made of.
func (m manifest) restore(ctx context.Context, folder string, c config.Database, o db.Options) (*db.Set, error) {
	at := map[string]string{} // address by what is held there
	for address, holds := range holdings(c) {
		at[strings.Join(holds, ", ")] = address
	}
	opened := map[string]*db.DB{}
	shut := func(err error) (*db.Set, error) {
		for _, d := range opened {
			err = errors.Join(err, d.Close())
		}
		return nil, err
	}
	for _, p := range m.Databases {
		held := strings.Join(p.Holds, ", ")
		address, ok := at[held]
		if !ok {
			return shut(errBackupShape.With(held))
		}
		d, err := db.Restore(ctx, address, filepath.Join(folder, p.File), o)
		if err != nil {
			return shut(err)
		}
		opened[address] = d
	}
	s := &db.Set{Parcels: opened[string(c.Parcels)], People: map[string]*db.DB{}}
	for region, address := range c.People {
		s.People[region] = opened[string(address)]
	}
	return s, nil
}

// subjectsAtOnce is how many people are looked up at once.
const subjectsAtOnce = 1000

// eraseAgain erases from what was restored everybody whose key was destroyed since
// the backup was made, and says how many they are.
func (s *server) eraseAgain(ctx context.Context) (int, error) {
	gone := map[inventory.Subject]bool{}
	for _, r := range s.rooms() {
		for after := inventory.Subject(""); ; {
			page, err := r.Subjects(ctx, after, subjectsAtOnce)
			if err != nil {
				return 0, err
			}
			for _, who := range page {
				at, err := s.people.destroyed(ctx, who)
				if err != nil {
					return 0, err
				}
				if at.IsZero() {
					continue
				}
				if err := r.Erase(ctx, who); err != nil {
					return 0, err
				}
				gone[who] = true
			}
			if len(page) < subjectsAtOnce {
				break
			}
			after = page[len(page)-1]
		}
	}
	return len(gone), nil
}
