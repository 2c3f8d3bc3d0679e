// Package files hands the masters out to those who were granted one.
//
// In goes a grant: who may have which download until when. Keyring.Link turns it into an
// address below /files/ that carries its own proof, and Server answers requests for such
// addresses: from a folder, by telling a web server in front which file to send, or by
// sending the reader on to an object store. What a file is called, how long it is and
// what type it has comes from the catalogue.
//
// The package decides nothing about accounts and keeps nothing on disk. It never opens a
// file that the catalogue does not name, and never says why a link was refused.
package files
