package provider

import (
	"context"
	"net/http"

	"waypost/internal/fault"
)

// maxPictureBytes bounds a downloaded picture.
const maxPictureBytes = 1 << 20

var errPicture = fault.New(fault.Invalid, "picture_unusable",
	"That picture can't be used. It must be a JPEG, PNG, GIF or WebP of at most 1 MiB.")

// pictureTypes are what browsers show and what runs no script: no SVG.
var pictureTypes = map[string]bool{"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true}

// Picture downloads a picture that an identity names. Its type is what its
// bytes say. Nobody vouches for the address, so private ones are refused even
// where the operator allows a provider's.
func (s *Set) Picture(ctx context.Context, address string) ([]byte, error) {
	if !isPicture(address) {
		return nil, errPicture
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errPicture.Because(err)
	}
	answer, err := s.pictures.Do(ctx, r)
	if err != nil {
		return nil, errPicture.Because(err)
	}
	if answer.Status != http.StatusOK || !pictureTypes[http.DetectContentType(answer.Body)] {
		return nil, errPicture
	}
	return answer.Body, nil
}
