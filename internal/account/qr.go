package account

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

const (
	qrModule = 6 // pixels of a module's side: sharp on a phone's screen too
	qrQuiet  = 4 // modules of white around it: ISO/IEC 18004, 9.1
)

// qrCode draws a text as a QR code: a PNG of two colours.
func qrCode(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	n := code.Bounds().Dx()
	side := (n + 2*qrQuiet) * qrModule
	drawn := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range n * qrModule {
		for x := range n * qrModule {
			if r, _, _, _ := code.At(x/qrModule, y/qrModule).RGBA(); r == 0 {
				drawn.SetColorIndex(x+qrQuiet*qrModule, y+qrQuiet*qrModule, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, drawn); err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	return out.Bytes(), nil
}
