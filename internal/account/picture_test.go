package account_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"waypost/internal/account"
)

// drawn is a picture, red on the left and right and blue in the middle.
func drawn(width, height int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			c := color.RGBA{R: 255, A: 255}
			if x >= (width-height)/2 && x < (width+height)/2 {
				c = color.RGBA{B: 255, A: 255}
			}
			m.Set(x, y, c)
		}
	}
	return m
}

func TestPicturesAreDrawnAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		var file bytes.Buffer
		if err := jpeg.Encode(&file, drawn(600, 200), nil); err != nil {
			t.Fatal(err)
		}
		if err := s.SetPicture(t.Context(), d.Account, &file); err != nil {
			t.Fatal(err)
		}
		small, err := png.Decode(bytes.NewReader(must(s.Picture(t.Context(), d.Account))(t)))
		if err != nil {
			t.Fatal(err)
		}
		if small.Bounds().Dx() != 192 || small.Bounds().Dy() != 192 {
			t.Errorf("it is %v, want a square of 192", small.Bounds())
		}
		if r, _, b, _ := small.At(96, 96).RGBA(); b < r {
			t.Error("it is not the middle")
		}
		if p := must(s.Profile(t.Context(), d.Account))(t); !p.Picture {
			t.Error("the profile has no picture")
		}
		if err := s.RemovePicture(t.Context(), d.Account); err != nil {
			t.Fatal(err)
		}
		if b := must(s.Picture(t.Context(), d.Account))(t); len(b) != 0 {
			t.Errorf("%d bytes are left", len(b))
		}
	})
}

func TestPicturesThatCantBe(t *testing.T) {
	var broad bytes.Buffer
	if err := png.Encode(&broad, image.NewGray(image.Rect(0, 0, 7000, 2))); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"nothing": "", "text": "hello", "a drawing with script": "<svg onload='x()'/>",
		"too broad": broad.String(), "too many bytes": strings.Repeat("\x89PNG", 2<<20), "half of one": broad.String()[:60],
	} {
		_, err := account.Redraw(strings.NewReader(file))
		if code(err) != "picture" {
			t.Errorf("%s: got %v, want the fault picture", name, err)
		}
	}
}
