package gate

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
)

// Keys are the gate's secrets that are not in the database, so that whoever reads the
// database learns no code, reads no waiting mail and finds nobody by their address. All
// are made from one master; losing it voids pending codes, waiting mails, unsubscribe
// links and the proof that the audit is whole, and nothing else.
type Keys struct {
	pepper []byte // of codes
	tag    []byte // of what stands for an address or a network
	token  []byte // of flows that a form begins, and of unsubscribe links
	work   []byte // of puzzles
	audit  []byte // of the audit's chain
	seal   cipher.AEAD
}

// MasterSize is the length of a master key, in bytes.
const MasterSize = 32

// NewKeys makes the keys from their master.
func NewKeys(master []byte) (*Keys, error) {
	if len(master) != MasterSize {
		return nil, fmt.Errorf("the master key has %d bytes, not %d", len(master), MasterSize)
	}
	derive := func(what string) []byte {
		b, err := hkdf.Key(sha256.New, master, nil, "pressroom gate "+what, 32)
		if err != nil {
			panic(err) // the length is ours, and small
		}
		return b
	}
	block, err := aes.NewCipher(derive("seal"))
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Keys{pepper: derive("pepper"), tag: derive("tag"), token: derive("token"), work: derive("work"), audit: derive("audit"), seal: seal}, nil
}

// mac is HMAC-SHA-256 over parts, none of which can run into the next.
func mac(key []byte, parts ...string) []byte {
	m := hmac.New(sha256.New, key)
	for _, p := range parts {
		fmt.Fprintf(m, "%d:", len(p))
		io.WriteString(m, p)
	}
	return m.Sum(nil)
}

// Tag stands for an address or a network where it must not be read: the same for the
// same one, and nobody without the key can tell for which.
func (k *Keys) Tag(kind, what string) []byte { return mac(k.tag, kind, what)[:16] }

func (k *Keys) tagText(kind, what string) string {
	return base64.RawURLEncoding.EncodeToString(k.Tag(kind, what))
}

// Pseudonym stands for an account in a link that others may see.
func (k *Keys) Pseudonym(account string) string { return k.tagText("account", account) }

// pepperCode binds a code to its flow and to a key that is not in the database, so that
// neither a thief of the database can try all of them nor one flow's code fits another.
func (k *Keys) pepperCode(flow []byte, generation int, code string) string {
	return base64.RawStdEncoding.EncodeToString(mac(k.pepper, string(flow), fmt.Sprint(generation), code))
}

// formToken is the cookie of the flow that a form begins: the same when the same form is
// sent twice, as by a double click.
func (k *Keys) formToken(form string, kind FlowKind, key string) string {
	return base64.RawURLEncoding.EncodeToString(mac(k.token, "form", form, string(kind), key))
}

// sealed is what a letter says, while it waits.
type sealed struct {
	To       string
	Language string
	Data     map[string]string
}

func (k *Keys) sealLetter(rand io.Reader, id string, s sealed) ([]byte, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, k.seal.NonceSize())
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return nil, err
	}
	return k.seal.Seal(nonce, nonce, plain, []byte(id)), nil
}

func (k *Keys) openLetter(id string, b []byte) (s sealed, err error) {
	n := k.seal.NonceSize()
	if len(b) < n {
		return s, fmt.Errorf("open letter %s: %d bytes", id, len(b))
	}
	plain, err := k.seal.Open(nil, b[:n], b[n:], []byte(id))
	if err != nil {
		return s, fmt.Errorf("open letter %s: %w; was it written under another master key?", id, err)
	}
	return s, json.Unmarshal(plain, &s)
}
