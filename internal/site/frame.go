package site

import (
	"cmp"
	"html/template"
	"net/url"
	"strings"

	"pressroom/internal/config"
	"pressroom/internal/frame"
)

// keyedContact is a contact with its key in site.yaml.
type keyedContact struct {
	key string
	Contact
}

// frame makes what all pages of an edition share. Where its own pages stand is found
// later, by complete.
func (s *Site) frame(ed *edition) *editionFrame {
	c := s.cfg
	text := func(t config.Text) string { return t.In(ed.Lang, c.Languages...) }
	f := &editionFrame{Frame: Frame{
		Lang: ed.Lang, Dir: ed.Dir, Title: text(c.Title), Description: text(c.Description), Home: ed.join(),
		Organisation:  Organisation{Name: text(c.Organisation.Name), Address: text(c.Organisation.Address), URL: c.Organisation.URL, Boilerplate: text(c.Organisation.Boilerplate)},
		Logo:          c.Theme.Logo,
		LogoDark:      c.Theme.LogoDark,
		LogoSize:      s.sizeOf(c.Theme.Logo),
		LogoDarkSize:  s.sizeOf(c.Theme.LogoDark),
		Accent:        c.Theme.Accent,
		Styles:        s.styles,
		Scripts:       s.scripts,
		DefaultLocale: ed.OpenGraph(),
		T:             ed.t,
		Params:        c.Params,
	}}
	if f.Organisation.Name == "" {
		f.Organisation.Name = f.Title
	}
	if !c.Gate.Disabled {
		f.LogIn = "/account/login"
		if !ed.first {
			f.LogIn += "?lang=" + ed.Lang
		}
	}
	for _, i := range c.Menus["main"] {
		f.Menu = append(f.Menu, ed.menuItem(i, text))
	}
	if len(c.Menus["main"]) == 0 {
		for _, section := range []string{"news", "videos", "speakers", "locations", "topics", "events"} {
			f.Menu = append(f.Menu, MenuItem{Link: Link{Text: ed.t[section], URL: ed.join(section)}, Section: section})
		}
	}
	for _, i := range c.Menus["footer"] {
		f.FooterMenu = append(f.FooterMenu, ed.menuItem(i, text))
	}
	for _, k := range c.ContactList {
		contact := Contact{Name: text(k.Name), Role: text(k.Role), Email: k.Email, Phone: k.Phone, Hours: text(k.Hours), Card: escape(ed.join("contacts") + k.Key + ".vcf")}
		if k.Phone != "" {
			contact.PhoneURL = template.URL("tel:" + strings.Map(func(r rune) rune {
				if strings.ContainsRune("+0123456789", r) {
					return r
				}
				return -1
			}, k.Phone))
		}
		for _, l := range k.Languages {
			contact.Languages = append(contact.Languages, ed.Language(l))
		}
		contact.Speaks = ed.List(contact.Languages)
		f.allContacts = append(f.allContacts, keyedContact{k.Key, contact})
	}
	// The strip shows the desks of the institution; a contact for certain topics is
	// shown with the items that name it.
	for i, k := range f.allContacts {
		if len(c.ContactList[i].Topics) == 0 {
			f.Contacts = append(f.Contacts, k.Contact)
		}
	}
	return f
}

// complete adds to every frame what is known when all documents have their addresses.
// No page holds a frame before.
func (s *Site) complete() {
	for _, ed := range s.langs {
		ed.frame.FeedsPage = escape(ed.ownURL("feeds"))
		if len(s.cfg.ContactList) > 0 {
			ed.frame.AllContacts = escape(ed.ownURL("contacts"))
		}
		if len(ed.ledger) > 0 {
			ed.frame.Corrections = escape(ed.join("corrections"))
		}
		ed.frame.Seal()
	}
}

// editionFrame is a Frame with what only this package needs.
type editionFrame struct {
	Frame
	allContacts []keyedContact
}

// Frame is the frame of all pages, for the gate, without the layouts.
func (s *Site) Frame() *frame.File {
	f := &frame.File{Version: frame.Version, BaseURL: s.cfg.BaseURL, TimeZone: s.cfg.TimeZone, Topics: []frame.Topic{}}
	for _, ed := range s.langs {
		f.Languages = append(f.Languages, frame.Edition{Name: upperFirst(ed.Self()), Frame: &ed.frame.Frame})
	}
	for _, t := range s.cfg.TopicList {
		names := map[string]string{}
		for _, ed := range s.langs {
			names[ed.Lang] = cmp.Or(t.Name.In(ed.Lang, s.cfg.Languages...), t.Slug)
		}
		f.Topics = append(f.Topics, frame.Topic{Slug: t.Slug, Names: names})
	}
	return f
}

// menuItem makes a link of a menu; a path of this site without a language leads into
// the reader's.
func (ed *edition) menuItem(i config.Item, text func(config.Text) string) MenuItem {
	u := i.URL
	if strings.HasPrefix(u, "/") && ed.prefix != "" && !strings.HasPrefix(u, ed.prefix+"/") && !isCompanion(u) {
		u = ed.prefix + u
	}
	section, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(u, ed.prefix), "/"), "/")
	if parsed, err := url.Parse(u); err != nil || parsed.Host != "" {
		section = ""
	}
	return MenuItem{Link: Link{Text: text(i.Name), URL: u}, Section: section}
}

func isCompanion(u string) bool {
	for _, c := range companion {
		if strings.HasPrefix(u, c) {
			return true
		}
	}
	return false
}
