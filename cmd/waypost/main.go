// Command waypost answers "where is my parcel?".
package main

import (
	"os"

	"waypost/internal/app"
)

func main() {
	os.Exit(app.Main(os.Args[1:], app.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
