package provider

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// alipayText is what a call's signature is over: every parameter but sign that
// has a value, sorted, not encoded.
func alipayText(values url.Values) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if value := values.Get(name); name != "sign" && value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	return strings.Join(parts, "&")
}

// alipaySign is RSA2: RSA, PKCS #1 v1.5, SHA-256, base64.
func alipaySign(key *rsa.PrivateKey, values url.Values) (string, error) {
	digest := sha256.Sum256([]byte(alipayText(values)))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

// alipayVerify checks an answer's signature, over its inner object as it stands.
func alipayVerify(theirs *rsa.PublicKey, raw []byte, sign string) error {
	signature, err := base64.StdEncoding.DecodeString(sign)
	if err != nil || len(raw) == 0 {
		return errors.New("the answer or its signature is missing")
	}
	digest := sha256.Sum256(raw)
	if rsa.VerifyPKCS1v15(theirs, crypto.SHA256, digest[:], signature) != nil {
		return errors.New("the answer's signature is wrong")
	}
	return nil
}

// alipayResponse is the name of the object that answers a method.
func alipayResponse(method string) string { return strings.ReplaceAll(method, ".", "_") + "_response" }

// rsaPrivateKey reads a key as Alipay's tools write it: PKCS #8 or PKCS #1, as
// PEM or as its bare base64.
func rsaPrivateKey(text string) (*rsa.PrivateKey, error) {
	der, err := keyBytes(text)
	if err != nil {
		return nil, err
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if any8, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if key, ok := any8.(*rsa.PrivateKey); ok {
			return key, nil
		}
	}
	return nil, errors.New("is not an RSA private key (PKCS #8 or PKCS #1)")
}

func rsaPublicKey(text string) (*rsa.PublicKey, error) {
	der, err := keyBytes(text)
	if err != nil {
		return nil, err
	}
	if pub, err := x509.ParsePKIXPublicKey(der); err == nil {
		if key, ok := pub.(*rsa.PublicKey); ok {
			return key, nil
		}
	}
	return nil, errors.New("is not an RSA public key; Alipay's console shows it as 支付宝公钥")
}

// keyBytes reads PEM, or base64 with or without line ends.
func keyBytes(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(strings.TrimSpace(text))); block != nil {
		return block.Bytes, nil
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, errors.New("is neither PEM nor base64")
	}
	return der, nil
}
