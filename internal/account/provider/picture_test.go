package provider

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"waypost/internal/outbound"
)

var png = []byte("\x89PNG\r\n\x1a\n and the rest")

// TestMain makes the certificate of httptest's servers one that is trusted,
// as pictures come over https only.
func TestMain(m *testing.M) {
	srv := httptest.NewTLSServer(nil)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	srv.Close()
	folder, err := os.MkdirTemp("", "waypost-provider-")
	if err != nil {
		panic(err)
	}
	file := filepath.Join(folder, "roots.pem")
	if err := errors.Join(os.WriteFile(file, certificate, 0o600), os.Setenv("SSL_CERT_FILE", file)); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

func TestPicture(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/good", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(png) })
	mux.HandleFunc("/svg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`))
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append(png, make([]byte, maxPictureBytes)...))
	})
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	})
	srv := httptest.NewTLSServer(mux)
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	allowed := &Set{pictures: outbound.New(outbound.Options{Limit: maxPictureBytes, Allow: []string{at.Host}})}
	guarded := &Set{pictures: outbound.New(outbound.Options{Limit: maxPictureBytes})}
	for _, tc := range []struct {
		name    string
		set     *Set
		address string
		ok      bool
	}{
		{"a picture", allowed, srv.URL + "/good", true},
		{"a script that says it is a picture", allowed, srv.URL + "/svg", false},
		{"a picture that is too large", allowed, srv.URL + "/large", false},
		{"one that leads elsewhere", allowed, srv.URL + "/away", false},
		{"nothing there", allowed, srv.URL + "/none", false},
		{"at a private address", guarded, srv.URL + "/good", false},
		{"without encryption", allowed, "http://" + at.Host + "/good", false},
		{"with a password", allowed, "https://a:b@" + at.Host + "/good", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.set.Picture(t.Context(), tc.address)
			switch {
			case tc.ok && (err != nil || string(got) != string(png)):
				t.Errorf("got %d bytes, %v", len(got), err)
			case !tc.ok && !errors.Is(err, errPicture):
				t.Errorf("got %d bytes, %v, want picture_unusable", len(got), err)
			}
		})
	}
}
