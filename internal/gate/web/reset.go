package web

import (
	"net/http"

	"pressroom/internal/gate"
)

func (q *asked) showReset() error { return q.show(http.StatusOK, &Reset{}) }

func (q *asked) reset() error {
	b, err := q.Gate.Reset(q.ctx(), q.visitor(), q.begin())
	if err != nil {
		v := &Reset{}
		v.Email.Value = q.value("email")
		return q.refused(err, v, &v.Form, map[string]*Field{"email": &v.Email})
	}
	return q.begun(b, "/account/reset/verify")
}

func (q *asked) showResetVerify() error { return q.pendingSent(gate.FlowReset) }
func (q *asked) resendReset() error     { return q.resend(gate.FlowReset, "/account/reset/verify") }

func (q *asked) resetVerify() error {
	b, err := q.Gate.VerifyReset(q.ctx(), q.visitor(), q.token(flowCookie), q.value("code"))
	if err != nil {
		return q.codeRefused(gate.FlowReset, "/account/reset/verify", err)
	}
	q.returnOf(b)
	return q.begun(b, "/account/reset/password")
}

func (q *asked) showNewPassword() error {
	a, b, err := q.Gate.Passed(q.ctx(), q.token(flowCookie))
	if err != nil {
		return err
	}
	q.returnOf(b)
	v := &NewPassword{Email: a.Email}
	v.Password.Rules = q.rules(nil)
	return q.show(http.StatusOK, v)
}

func (q *asked) newPassword() error {
	a, b, err := q.Gate.Passed(q.ctx(), q.token(flowCookie))
	if err != nil {
		return err
	}
	q.returnOf(b)
	if err := q.Gate.SetPassword(q.ctx(), q.visitor(), q.token(flowCookie), q.value("password")); err != nil {
		v := &NewPassword{Email: a.Email}
		return q.refused(err, v, &v.Form, map[string]*Field{"password": &v.Password})
	}
	q.dropToken(flowCookie)
	q.dropToken(sessionCookie) // it is over, like all of the account's
	return q.redirect(q.to("/account/reset/done"))
}

func (q *asked) showResetDone() error { return q.show(http.StatusOK, &ResetDone{}) }
