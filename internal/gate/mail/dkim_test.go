package mail_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"pressroom/internal/gate/mail"
	"pressroom/internal/testkit/smtpsink"
)

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// Both kinds of keys sign, both signatures hold, and both List-Unsubscribe fields are
// under them. Whatever is changed or added on the way breaks them.
func TestDKIM(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaPublic, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	dns := map[string]string{
		"e1._domainkey.press.example": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public),
		"r1._domainkey.press.example": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPublic),
	}
	var signers []*mail.Signer
	for selector, key := range map[string][]byte{
		"e1": pkcs8(t, private),
		"r1": pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}),
	} {
		signer, err := mail.NewSigner("press.example", selector, key)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, signer)
	}
	templates, err := mail.NewTemplates(mail.Site{Title: mail.Words{"": "Salle de presse — Été"}, BaseURL: "https://press.example", From: "noreply@press.example"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sink := smtpsink.New(t, smtpsink.Options{})
	s := transport(t, sink, mail.SMTPOptions{DKIM: signers})
	at := time.Date(2024, 5, 27, 14, 0, 0, 0, time.UTC)
	for i, about := range []mail.About{
		mail.Verify{Code: code, Life: 30 * time.Minute},
		mail.Newsletter{Items: []mail.Item{{Title: "Été", URL: "https://press.example/x/", Date: at}}, Preferences: "https://press.example/p?t=1", Unsubscribe: "https://press.example/u?t=1"},
	} {
		m, err := templates.Compose(mail.Letter{ID: fmt.Sprint("d", i), To: "reader@desk.example", Language: "fr", Date: at}, about)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	verify := func(content []byte) (good int, headers []string) {
		verifications, err := dkim.VerifyWithOptions(bytes.NewReader(content), &dkim.VerifyOptions{
			LookupTXT: func(domain string) ([]string, error) { return []string{dns[domain]}, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range verifications {
			if v.Err == nil && v.Domain == "press.example" {
				good++
			}
			headers = v.HeaderKeys
		}
		return good, headers
	}
	for i, m := range sink.Wait(t, 2) {
		good, headers := verify(m.Content)
		if good != 2 {
			t.Errorf("mail %d: %d signatures hold, want 2:\n%s", i, good, m.Content)
		}
		for _, want := range []string{"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"} {
			if !strings.Contains(strings.ToLower(strings.Join(headers, " ")+" "), strings.ToLower(want+" ")) {
				t.Errorf("mail %d: %s is not signed: %v", i, want, headers)
			}
		}
		for _, forged := range [][]byte{
			bytes.Replace(m.Content, []byte("Bonjour"), []byte("Adieu"), 1),
			append([]byte("Subject: other\r\n"), m.Content...),
			append([]byte("List-Unsubscribe: <https://evil.example/>\r\n"), m.Content...),
			append([]byte("List-Unsubscribe-Post: x\r\n"), m.Content...),
		} {
			if bytes.Equal(forged, m.Content) {
				continue // the newsletter greets nobody
			}
			if good, _ := verify(forged); good != 0 {
				t.Errorf("mail %d: %d signatures hold of a forged one beginning %.60q", i, good, forged)
			}
		}
	}
}

func TestDKIMKeys(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string][]byte{"none": nil, "text": []byte("MIIE-secret"), "garbage": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("MIIE-secret")}), "other kind": pkcs8(t, ec)} {
		if _, err := mail.NewSigner("press.example", "s1", key); err == nil || strings.Contains(err.Error(), "MIIE") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, private, _ := ed25519.GenerateKey(rand.Reader)
	for _, names := range [][2]string{{"", "s1"}, {"press.example", ""}} {
		if _, err := mail.NewSigner(names[0], names[1], pkcs8(t, private)); err == nil {
			t.Errorf("%q was taken", names)
		}
	}
}
