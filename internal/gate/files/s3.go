package files

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"
	"github.com/minio/minio-go/v7/pkg/signer"

	"pressroom/internal/catalogue"
)

// S3 says where masters lie in an object store that understands the S3 protocol. Without
// keys the process's own are taken: those of its environment, or of the machine's role.
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

// keysTime is how long one question for keys may take. Who gives keys to machines answers
// in milliseconds, and all downloads wait for it: the client library asks under a lock.
const keysTime = 5 * time.Second

// dryTime is how long nobody is asked again who has just had no keys to give, so that
// downloads are refused at once and not one after the other.
const dryTime = 30 * time.Second

// Check tells what is missing.
func (s *S3) Check() error {
	u, err := url.Parse(s.Endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return fmt.Errorf("object store: %q is not an address such as https://s3.example.org", s.Endpoint)
	case s.Bucket == "" || s.Region == "":
		return errors.New("object store: bucket or region is missing")
	case (s.AccessKey == "") != (s.SecretKey == ""):
		return errors.New("object store: one of the two keys is missing")
	}
	return nil
}

// Masters are the masters there. The reader is sent to the store with an address that is
// good for GET of one object, under the type and the name that we give it. It is signed
// without a word to the store.
func (s *S3) Masters() (Masters, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil {
		return nil, err
	}
	u.Path = "/"
	if s.HostStyle {
		u.Host = s.Bucket + "." + u.Host
	} else {
		u.Path += s.Bucket + "/"
	}
	keys := credentials.NewStaticV4(s.AccessKey, s.SecretKey, s.SessionToken)
	if s.AccessKey == "" {
		keys = credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{}})
	}
	return &store{bucket: u, region: s.Region, keys: keys, client: &http.Client{Timeout: keysTime}}, nil
}

// store are masters in a bucket. Of the client library it takes what signs and what finds
// keys, and not the client, which would be a tenth of the program.
type store struct {
	bucket *url.URL // ends in a slash
	region string
	keys   *credentials.Credentials
	client *http.Client // asks for keys

	mu  sync.Mutex
	dry time.Time // until when there are none
	why error
}

// Open returns the address of a download's object. It ends when the grant does, and after
// five minutes at the latest.
func (s *store) Open(d catalogue.Download, now, until time.Time) (*Master, error) {
	life := max(min(until.Sub(now), maxAway).Truncate(time.Second), time.Second)
	keys, err := s.find(now)
	if err != nil {
		return nil, fmt.Errorf("sign the address of %s: %w", d.File, err)
	}
	u := *s.bucket
	u.Path += d.File
	u.RawPath = s3utils.EncodePath(u.Path) // as it is signed
	u.RawQuery = url.Values{
		"response-cache-control":       {cacheControl},
		"response-content-disposition": {disposition(Name(d))},
		"response-content-type":        {mediaType(d)},
	}.Encode()
	request := signer.PreSignV4(http.Request{Method: http.MethodGet, URL: &u, Host: u.Host, Header: http.Header{}},
		keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken, s.region, int64(life/time.Second))
	return &Master{Elsewhere: request.URL.String()}, nil
}

// find returns the keys to sign with.
func (s *store) find(now time.Time) (credentials.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.dry) {
		return credentials.Value{}, s.why
	}
	keys, err := s.keys.GetWithContext(&credentials.CredContext{Client: s.client})
	if err == nil && keys.SignerType.IsAnonymous() {
		err = errors.New("there are no keys in the environment or in ~/.aws, and the machine has no role, or its role was not told in time")
	}
	if err != nil {
		s.dry, s.why = now.Add(dryTime), err
	}
	return keys, err
}
