package feed

import (
	"io"
	"strings"
)

// Card is what an address book keeps of a contact. Only the name must be there.
type Card struct {
	Name         string
	Role         string
	Organisation string
	Email        string
	Phone        string // as people write it
	URL          string // where the contact is shown
}

// VCard writes a card by RFC 2426, vCard 3.0: telephones, Outlook and mail programmes
// all read it, which cannot be said of 4.0.
func VCard(w io.Writer, c Card) error {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(fold(name + ":" + value))
		}
	}
	line("BEGIN", "VCARD")
	line("VERSION", "3.0")
	line("PRODID", "-//Pressroom//press//EN")
	line("FN", text(c.Name))
	// N is required. The whole name stands in its first part: which words of a name are
	// the family's is not to be guessed, and many contacts are desks.
	line("N", text(c.Name)+";;;;")
	line("ORG", text(c.Organisation))
	line("TITLE", text(c.Role))
	line("EMAIL;TYPE=INTERNET,WORK", text(c.Email))
	line("TEL;TYPE=WORK,VOICE", text(c.Phone))
	line("URL", c.URL)
	line("END", "VCARD")
	_, err := io.WriteString(w, b.String())
	return err
}
