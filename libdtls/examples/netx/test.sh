#!/bin/sh
# SPDX-License-Identifier: MIT
# test.sh CASE CLIENT SERVER OPENSSL GNUTLS_CLI GNUTLS_SERV: runs the complete client or the complete server against a
# PEER, over loopback. CASE is PEER-psk or PEER-certificate; PEER is each-other, s_server, s_client, gnutls-serv or
# gnutls-cli. Succeeds if what was said came back, by way of DTLS, and ours ended well.
set -eu

case=$1
client=$2
server=$3
openssl=$4
gnutls_cli=$5
gnutls_serv=$6
peer=${case%-*}
by=${case##*-}
work=$(mktemp -d)
peer_pid=
clean_up() {
    [ -z "$peer_pid" ] || kill "$peer_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

# A certificate of NAME.example that the authority has issued, in PEM and DER.
issue() {
    "$openssl" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -CA "$work/ca.pem" -CAkey "$work/ca.key" -addext "subjectAltName=DNS:$1.example" \
        -addext basicConstraints=critical,CA:FALSE -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
    "$openssl" x509 -in "$work/$1.pem" -outform DER -out "$work/$1.der"
    "$openssl" ec -in "$work/$1.key" -outform DER -out "$work/$1.key.der" 2>/dev/null
}

key=000102030405060708090a0b0c0d0e0f
if [ "$by" = certificate ]; then
    "$openssl" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
        -addext keyUsage=critical,keyCertSign -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
    "$openssl" x509 -in "$work/ca.pem" -outform DER -out "$work/ca.der"
    issue server
    issue pump-7
    our_client="--ca $work/ca.der --name server.example --cert $work/pump-7.der --key $work/pump-7.key.der"
    our_server="--ca $work/ca.der --cert $work/server.der --key $work/server.key.der"
    s_server="-cert $work/server.pem -key $work/server.key -CAfile $work/ca.pem -Verify 2 -verify_return_error"
    s_client="-cert $work/pump-7.pem -key $work/pump-7.key -CAfile $work/ca.pem -verify_return_error \
        -verify_hostname server.example"
    gnutls_server="--x509certfile $work/server.pem --x509keyfile $work/server.key --x509cafile $work/ca.pem \
        --require-client-cert --verify-client-cert --priority NORMAL"
    gnutls_client="--x509certfile $work/pump-7.pem --x509keyfile $work/pump-7.key --x509cafile $work/ca.pem \
        --verify-hostname server.example --priority NORMAL"
else
    our_client="--psk pump-7:$key"
    our_server=$our_client
    s_server="-nocert -psk_identity pump-7 -psk $key -cipher PSK-AES128-GCM-SHA256"
    s_client="-psk_identity pump-7 -psk $key -cipher PSK-AES128-GCM-SHA256"
    echo "pump-7:$key" >"$work/psk"
    gnutls_server="--pskpasswd $work/psk --priority NORMAL:-KX-ALL:+ECDHE-PSK:+PSK"
    # gnutls-cli 3.7.9 crashes after any handshake of ECDHE_PSK, with gnutls-serv too.
    gnutls_client="--pskusername pump-7 --pskkey $key --priority NORMAL:-KX-ALL:+PSK"
fi

# The port of our server, started for $1 sessions.
start_server() {
    # shellcheck disable=SC2086
    "$server" 0 --sessions "$1" $our_server >"$work/port" &
    peer_pid=$!
    exec 3<"$work/port"
    read -r word port <&3
    [ "$word" = port ]
}

# A client of theirs says something, and its input stays open until the echo is in the output.
ask() {
    "$@" <"$work/input" >"$work/output" 2>&1 &
    exec 4>"$work/input" 5<"$work/output"
    echo "is anybody there" >&4
    line=
    while [ "$line" != "is anybody there" ]; do read -r line <&5; done
    exec 4>&-
    cat <&5 >/dev/null
    wait "$peer_pid"
    peer_pid=
}

mkfifo "$work/output" "$work/input" "$work/port"
case $peer in
each-other)
    start_server 5
    # shellcheck disable=SC2086
    "$client" 127.0.0.1 "$port" "at once" $our_client --sessions 4 >"$work/heard"
    # shellcheck disable=SC2086
    "$client" 127.0.0.1 "$port" "and then" $our_client >>"$work/heard"
    wait "$peer_pid"
    peer_pid=
    [ "$(cat "$work/heard")" = "$(printf 'at once\nat once\nat once\nat once\nand then')" ]
    ;;
s_server)
    # What it hears it prints, and what stands in its standard input goes to the client.
    # shellcheck disable=SC2086
    "$openssl" s_server -dtls1_2 -listen -accept 127.0.0.1:0 $s_server <"$work/input" >"$work/output" 2>&1 &
    peer_pid=$!
    exec 4>"$work/input" 3<"$work/output"
    line=
    while [ "${line#ACCEPT }" = "$line" ]; do read -r line <&3; done
    # shellcheck disable=SC2086
    "$client" 127.0.0.1 "${line##*:}" "from the client
" $our_client >"$work/heard" &
    client_pid=$!
    while [ "$line" != "from the client" ]; do read -r line <&3; done
    echo "from the server" >&4
    wait "$client_pid"
    [ "$(head -n 1 "$work/heard")" = "from the server" ]
    ;;
s_client)
    start_server 1
    # shellcheck disable=SC2086
    ask "$openssl" s_client -dtls1_2 -quiet -no_ign_eof -connect "127.0.0.1:$port" $s_client
    ;;
gnutls-serv)
    # In a port that nobody has.
    port=$((20000 + $$ % 20000))
    entry=":$(printf %04X "$port") "
    ! grep -q "$entry" /proc/net/udp
    # shellcheck disable=SC2086
    "$gnutls_serv" --udp --echo --port "$port" $gnutls_server >"$work/log" 2>&1 &
    peer_pid=$!
    until grep -q "$entry" /proc/net/udp; do kill -0 "$peer_pid"; done
    # shellcheck disable=SC2086
    [ "$("$client" 127.0.0.1 "$port" "is anybody there" $our_client)" = "is anybody there" ]
    ;;
gnutls-cli)
    start_server 1
    # shellcheck disable=SC2086
    ask "$gnutls_cli" --udp --port "$port" $gnutls_client 127.0.0.1
    ;;
esac
