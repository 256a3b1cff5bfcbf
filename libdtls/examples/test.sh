#!/bin/sh
# SPDX-License-Identifier: MIT
# test.sh CASE CLIENT SERVER OPENSSL: runs the example client against the example server, or (cases s_server-…)
# against `openssl s_server`, over loopback. Succeeds if what was said came back, by way of DTLS, and both ended well.
set -eu

case=$1
client=$2
server=$3
openssl=$4
work=$(mktemp -d)
server_pid=
clean_up() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

if [ "${case#*certificate}" != "$case" ]; then
    "$openssl" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=server \
        -addext subjectAltName=DNS:server.example -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    ours="--ca $work/cert.pem --name server.example"
    theirs="--cert $work/cert.pem --key $work/key.pem"
    s_server="-cert $work/cert.pem -key $work/key.pem"
else
    ours="--psk example:000102030405060708090a0b0c0d0e0f"
    theirs=$ours
    s_server="-nocert -psk_identity example -psk 000102030405060708090a0b0c0d0e0f -cipher PSK-AES128-GCM-SHA256"
fi

mkfifo "$work/output" "$work/input"
case $case in
s_server-*)
    # It lives as long as its standard input; what stands there goes to the client.
    # shellcheck disable=SC2086
    "$openssl" s_server -dtls1_2 -listen -accept 127.0.0.1:0 $s_server <"$work/input" >"$work/output" 2>&1 &
    server_pid=$!
    exec 4>"$work/input"
    exec 3<"$work/output"
    line=
    while [ "${line#ACCEPT }" = "$line" ]; do read -r line <&3; done
    port=${line##*:}
    # shellcheck disable=SC2086
    "$client" 127.0.0.1 "$port" "from the client
" $ours >"$work/answer" &
    client_pid=$!
    while [ "$line" != "from the client" ]; do read -r line <&3; done
    echo "from the server" >&4
    wait "$client_pid"
    [ "$(cat "$work/answer")" = "from the server" ]
    ;;
*)
    # shellcheck disable=SC2086
    "$server" 127.0.0.1 0 --once $theirs >"$work/output" &
    server_pid=$!
    exec 3<"$work/output"
    read -r word port <&3
    [ "$word" = port ]
    # shellcheck disable=SC2086
    [ "$("$client" 127.0.0.1 "$port" "heard and said" $ours)" = "heard and said" ]
    wait "$server_pid"
    server_pid=
    ;;
esac
