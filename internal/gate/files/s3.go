package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/catalogue"
)

// S3 are masters in an object store that understands the S3 protocol. The reader is sent
// there with an address that is good for GET of one object, under the type and the name
// that we give it. It is signed here, by AWS Signature Version 4 in the query, without a
// word to the store.
type S3 struct {
	Endpoint string // "https://s3.example.org"
	Region   string // "us-east-1" where a store knows no regions
	Bucket   string
	// HostStyle puts the bucket before the host, as AWS wants it for new buckets, and not
	// at the beginning of the path.
	HostStyle bool

	AccessKey, SecretKey string
	SessionToken         string // of temporary credentials
}

// maxAway is how long an address of the store is good at most.
const maxAway = 5 * time.Minute

// Check tells what is missing.
func (s *S3) Check() error {
	u, err := url.Parse(s.Endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return fmt.Errorf("object store: %q is not an address such as https://s3.example.org", s.Endpoint)
	case s.Bucket == "" || s.Region == "":
		return errors.New("object store: bucket or region is missing")
	case s.AccessKey == "" || s.SecretKey == "":
		return errors.New("object store: credentials are missing")
	}
	return nil
}

// Open returns the address of a download's object. It ends when the grant does, and after
// five minutes at the latest.
func (s *S3) Open(d catalogue.Download, now, until time.Time) (*Master, error) {
	life := min(until.Sub(now), maxAway).Truncate(time.Second)
	return &Master{Elsewhere: s.presign(d.File, url.Values{
		"response-cache-control":       {cacheControl},
		"response-content-disposition": {disposition(Name(d))},
		"response-content-type":        {mediaType(d)},
	}, now, max(life, time.Second))}, nil
}

// presign makes the address of an object (AWS Signature Version 4, "Authenticating
// requests: using query parameters").
func (s *S3) presign(object string, query url.Values, now time.Time, life time.Duration) string {
	scheme, host, _ := strings.Cut(strings.TrimSuffix(s.Endpoint, "/"), "://")
	path := "/" + escapeObject(object)
	if s.HostStyle {
		host = s.Bucket + "." + host
	} else {
		path = "/" + s.Bucket + path
	}
	at := now.UTC().Format("20060102T150405Z")
	scope := at[:8] + "/" + s.Region + "/s3/aws4_request"
	query.Set("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
	query.Set("X-Amz-Credential", s.AccessKey+"/"+scope)
	query.Set("X-Amz-Date", at)
	query.Set("X-Amz-Expires", strconv.Itoa(int(life.Seconds())))
	query.Set("X-Amz-SignedHeaders", "host")
	if s.SessionToken != "" {
		query.Set("X-Amz-Security-Token", s.SessionToken)
	}
	sorted := escapeBlanks(query.Encode())

	request := sha256.Sum256([]byte("GET\n" + path + "\n" + sorted + "\nhost:" + host + "\n\nhost\nUNSIGNED-PAYLOAD"))
	key := []byte("AWS4" + s.SecretKey)
	for _, step := range []string{at[:8], s.Region, "s3", "aws4_request"} {
		key = hmacSHA256(key, step)
	}
	signature := hmacSHA256(key, "AWS4-HMAC-SHA256\n"+at+"\n"+scope+"\n"+hex.EncodeToString(request[:]))
	return scheme + "://" + host + path + "?" + sorted + "&X-Amz-Signature=" + hex.EncodeToString(signature)
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// escapeObject escapes all but letters, digits, -._~ and the slash.
func escapeObject(key string) string {
	return strings.ReplaceAll(escapeBlanks(url.QueryEscape(key)), "%2F", "/")
}

// escapeBlanks turns Go's + for a blank into the %20 that is signed. A + of the text has
// been escaped before.
func escapeBlanks(s string) string { return strings.ReplaceAll(s, "+", "%20") }
