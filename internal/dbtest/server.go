package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// startTime is what a server is given to answer.
const startTime = 30 * time.Second

// server returns the URL of the server that the tests share.
var server = sync.OnceValues(func() (string, error) {
	if url := os.Getenv("WAYPOST_TEST_POSTGRES"); url != "" {
		return url, nil
	}
	return start()
})

// keep runs a server for as long as its standard input is open, and removes
// its folder afterwards. The test binary holds the other end, so the server
// goes with it however it ends.
const keep = `
bin=$1 folder=$2 port=$3
if "$bin/initdb" -D "$folder/data" -U waypost -A trust -E UTF8 --no-sync >"$folder/log" 2>&1; then
	"$bin/postgres" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 \
		-c max_connections=200 >>"$folder/log" 2>&1 &
	read -r _
	kill -QUIT $!
	wait
fi
rm -rf "$folder"
`

// start starts a server of the newest PostgreSQL that Debian's packages put
// here. As root, which PostgreSQL refuses, it runs as the user postgres.
func start() (string, error) {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(bins) == 0 {
		return "", errors.New("WAYPOST_TEST_POSTGRES names no server and no PostgreSQL is installed")
	}
	folder, err := os.MkdirTemp("", "waypost-postgres-")
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("/bin/sh", "-c", keep, "keep", filepath.Dir(bins[len(bins)-1]), folder, strconv.Itoa(port)) //nolint:noctx // it ends when its input does
	cmd.Dir = folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a ^C at the terminal is for the tests
	if os.Geteuid() == 0 {
		if cmd.SysProcAttr.Credential, err = postgresUser(folder); err != nil {
			return "", err
		}
	}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	url := fmt.Sprintf("postgres://waypost@127.0.0.1:%d/postgres?sslmode=disable", port)
	if err := answers(url); err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "log"))
		alive.Close()
		return "", fmt.Errorf("the server does not start: %w\n%s", err, log)
	}
	held.input = alive
	return url, nil
}

// held keeps the running server's input from being collected, and so from
// being closed before the test binary ends.
var held struct{ input io.Closer }

// postgresUser returns the user that Debian's package made, who from now on owns folder.
func postgresUser(folder string) (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(folder, uid, gid)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// answers waits until the server takes connections.
func answers(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}
