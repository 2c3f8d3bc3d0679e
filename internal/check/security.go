package check

import (
	"fmt"
	"time"

	"pressroom/internal/report"
)

// soon is how long before its end a security.txt wants to be looked at again.
const soon = 30 * 24 * time.Hour

// security tells of a security.txt that is about to end, or has: those who find a
// weakness are told not to rely on it then (RFC 9116, 2.5.5).
func (c *checker) security() report.List {
	x := c.Result.Config.Security
	if x == nil || x.Until.Sub(c.Now) > soon {
		return nil
	}
	p := report.Problem{Path: "site.yaml", Name: "security-expires", Severity: report.Warning,
		Text: fmt.Sprintf("security.txt ends on %s", x.Until.In(c.Result.Config.Zone).Format("2 January 2006")),
		Hint: "check that contact is right, and write a day within a year after expires:"}
	if !x.Until.After(c.Now) {
		p.Severity = report.Error
		p.Text = fmt.Sprintf("security.txt has ended on %s", x.Until.In(c.Result.Config.Zone).Format("2 January 2006"))
	}
	if at, ok := c.desk.written(x.Expires.Value, nil, ""); ok { // else it came by the environment
		p.Path, p.Line, p.Col, p.Len, p.Snippet = at.Path, at.Line, at.Col, at.Len, at.Snippet
	}
	return report.List{p}
}
