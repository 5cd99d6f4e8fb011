package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // read: what browsers let people choose
	_ "image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // read

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

const (
	maxPictureBytes = 4 << 20
	maxPictureSide  = 6000 // pixels: a phone's photograph
	maxPictureArea  = 24 << 20
	pictureSide     = 192 // pixels; it is shown in a circle of half as many
)

var errPicture = fault.New(fault.Invalid, "picture", "That picture can't be used. Take a PNG, JPEG, WebP or GIF of at most 4 MB and 24 megapixels.")

// SetPicture gives an account a picture: the middle of what is given, small, and
// drawn anew, so that nothing of the file (place, camera, whatever else was in
// it) is kept.
func (s *Store) SetPicture(ctx context.Context, id ID, file io.Reader) error {
	small, err := redraw(file)
	if err != nil {
		return err
	}
	return s.putPicture(ctx, id, small)
}

// RemovePicture leaves an account without a picture.
func (s *Store) RemovePicture(ctx context.Context, id ID) error { return s.putPicture(ctx, id, nil) }

func (s *Store) putPicture(ctx context.Context, id ID, file []byte) error {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE account SET picture = $1 WHERE id = $2`, k.Seal(fieldPicture, file), id)
		return one(done, err, errNoAccount)
	})
	if err != nil {
		return fmt.Errorf("picture of %s: %w", id, err)
	}
	return nil
}

// Picture returns an account's picture, a square PNG; nothing when it has none.
func (s *Store) Picture(ctx context.Context, id ID) ([]byte, error) {
	k, err := s.vault.Key(ctx, id.Subject())
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		return nil, errNoAccount
	}
	if err != nil {
		return nil, err
	}
	var sealed []byte
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT picture FROM account WHERE id = $1`, id).Scan(&sealed)
	})
	if err != nil {
		return nil, fmt.Errorf("picture of %s: %w", id, err)
	}
	return k.Open(fieldPicture, sealed)
}

// redraw reads a picture of bearable size and returns its middle as a small PNG.
func redraw(file io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(file, maxPictureBytes+1))
	if err != nil {
		return nil, errPicture.Because(err)
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, errPicture.Because(err)
	}
	if len(data) > maxPictureBytes || head.Width < 1 || head.Height < 1 ||
		max(head.Width, head.Height) > maxPictureSide || head.Width*head.Height > maxPictureArea {
		return nil, errPicture
	}
	given, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errPicture.Because(err)
	}
	small := image.NewNRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	draw.CatmullRom.Scale(small, small.Bounds(), given, middle(given.Bounds()), draw.Src, nil)
	var out bytes.Buffer
	if err := png.Encode(&out, small); err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return out.Bytes(), nil
}

// middle is the largest square in the middle of r.
func middle(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	corner := r.Min.Add(image.Pt((r.Dx()-side)/2, (r.Dy()-side)/2))
	return image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}
}
