// Package ui is what every page of Waypost is made with: the frame around it,
// the words in each language, the look, the icons, and the headers that keep a
// browser from doing anything that the page did not mean. It knows nothing of
// parcels or carriers, and sets no cookies.
package ui

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"strings"

	"waypost/internal/locale"
)

// Words are all that a reader reads, in one language.
type Words = locale.Words

// A Kit holds the words and the assets. It is safe for concurrent use.
type Kit struct {
	words  []*Words // the first one is what a reader gets who asks for none of them
	assets *assets
	https  bool
	outbox bool                         // the frame leads to /outbox
	notice func(context.Context) Notice // what every page announces; nil nothing
	unseen func(context.Context) bool   // whether a member has to be led to what they are told of an incident; nil nobody

	closing func(context.Context) Closing // likewise of the business
}

//go:embed assets templates words
var files embed.FS

// New reads the words and the assets. url is the address that people use; when
// it is https, browsers are told to insist on it.
func New(url string) (*Kit, error) {
	words, err := locale.Load(files, "words")
	if err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	assets, err := loadAssets(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("read the assets: %w", err)
	}
	return &Kit{words: words, assets: assets, https: strings.HasPrefix(url, "https://")}, nil
}

// ShowOutbox has the frame lead to the page that shows what a demonstration
// sent. It is called before pages are served.
func (k *Kit) ShowOutbox() { k.outbox = true }

// Words returns the languages, in the order in which they are offered.
func (k *Kit) Words() []*Words { return k.words }

// Assets serves what Asset names, below /assets/.
func (k *Kit) Assets() http.Handler { return k.assets }

// Asset returns the address of an asset; the address changes when its bytes do.
func (k *Kit) Asset(name string) (string, error) { return k.assets.address(name) }
