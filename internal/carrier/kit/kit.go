// Package kit is what makes carrier files and keeps them true: it drafts a file
// after a sample answer, makes an answer that was recorded fit to be kept, adds
// vectors to a file, and writes a page about a carrier. It asks nobody and
// stores nothing; the commands of app do.
package kit
