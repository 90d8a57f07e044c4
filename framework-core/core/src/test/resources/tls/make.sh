#!/bin/sh
# Makes the certificates of the tests anew: a CA, two for a server on loopback, two for clients, one of a stranger.
set -eu
cd "$(dirname "$0")"
new() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }
ca() { new "$1" && openssl req -new -x509 -key "$1.key" -subj "/CN=$2" -days 36500 -out "$1.pem"; }
signed() { # name, subject, CA
  new "$1"
  openssl req -new -key "$1.key" -subj "$2" |
    openssl x509 -req -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 36500 -out "$1.pem" \
      -extfile ext.cnf 2>/dev/null
}
echo "subjectAltName=IP:127.0.0.1,DNS:localhost" >ext.cnf
ca ca "Forebay test CA"
ca other-ca "Another test CA"
signed server "/CN=first" ca
signed server-2 "/CN=second" ca
signed alice "/O=Example/CN=alice" ca
signed bob "/O=Example/CN=bob" ca
signed mallory "/O=Example/CN=alice" other-ca
rm -f ./*.srl ext.cnf ca.key other-ca.key
