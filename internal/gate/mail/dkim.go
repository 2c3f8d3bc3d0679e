package mail

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-msgauth/dkim"
)

// Signer signs mails by DKIM (RFC 6376) in the name of a domain.
type Signer struct {
	domain, selector string
	key              crypto.Signer
}

// signed are the fields under the signature. Each stands twice, whether or not a mail has
// it, so that none can be added on the way: a second Subject or a List-Unsubscribe of
// somebody else (RFC 6376 §8.15). Both List-Unsubscribe fields must be under it or
// receivers ignore them (RFC 8058 §4).
var signed = slices.Repeat([]string{
	"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Sender",
	"MIME-Version", "Content-Type", "Content-Language", "Auto-Submitted",
	"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
}, 2)

// NewSigner returns a signer for the key that selector._domainkey.domain names. The key
// is PEM: PKCS #8 with an RSA or Ed25519 key, or PKCS #1. Give a server both kinds, for
// not everybody checks Ed25519.
func NewSigner(domain, selector string, key []byte) (*Signer, error) {
	// Errors of the parsers are left out: they might show some of the key.
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("DKIM key: no PEM")
	}
	s := &Signer{domain: domain, selector: selector}
	if rsaKey, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		s.key = rsaKey
	} else if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		s.key, _ = parsed.(crypto.Signer)
	}
	if s.key == nil {
		return nil, fmt.Errorf("DKIM key: no private key in a PEM of type %q; make one by openssl genpkey", block.Type)
	}
	if _, err := s.sign([]byte("From: <a@example.org>\r\n\r\n\r\n")); err != nil {
		return nil, fmt.Errorf("DKIM key: %w", err)
	}
	return s, nil
}

// sign returns the mail with the signature before it.
func (s *Signer) sign(content []byte) ([]byte, error) {
	var b bytes.Buffer
	err := dkim.Sign(&b, bytes.NewReader(content), &dkim.SignOptions{
		Domain:                 s.domain,
		Selector:               s.selector,
		Signer:                 s.key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             signed,
	})
	return b.Bytes(), err
}
