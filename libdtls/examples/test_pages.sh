#!/bin/sh
# SPDX-License-Identifier: MIT
# test_pages.sh EXAMPLE PROGRAM OPENSSL: runs the program of a how-to page; where it wants certificates, with fresh ones.
set -eu

example=$1
program=$2
openssl=$3
work=$(mktemp -d)
server_pid=
clean_up() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

certificate() { # NAME
    "$openssl" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -addext "subjectAltName=DNS:$1.example" -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
    cat "$work/$1.pem" >>"$work/anchors.pem"
}

case $example in
certificates | fast_handshakes)
    certificate server
    "$program" "$work/server.pem" "$work/server.key" "$work/anchors.pem" server.example
    ;;
client_authentication)
    certificate server
    certificate client
    "$program" "$work/server.pem" "$work/server.key" "$work/client.pem" "$work/client.key" "$work/anchors.pem"
    ;;
raw_public_keys)
    for name in server client other; do
        "$openssl" genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$name.key" 2>/dev/null
    done
    "$program" "$work/server.key" "$work/client.key" "$work/other.key"
    ;;
ocsp_stapling)
    certificate server
    printf '\060\003\012\001\000' >"$work/response.der"
    "$program" "$work/server.pem" "$work/server.key" "$work/anchors.pem" server.example "$work/response.der"
    ;;
echo_server)
    # In a port that nobody has, against `openssl s_client`, whose standard input stays open until the echo has come.
    port=$((20000 + $$ % 20000))
    entry=" 0100007F:$(printf %04X "$port") "
    ! grep -q "$entry" /proc/net/udp
    "$program" "$port" &
    server_pid=$!
    until grep -q "$entry" /proc/net/udp; do kill -0 "$server_pid"; done
    mkfifo "$work/input" "$work/output"
    "$openssl" s_client -dtls1_2 -connect "127.0.0.1:$port" -psk_identity me -psk 000102030405060708090a0b0c0d0e0f \
        -cipher PSK-AES128-GCM-SHA256 -quiet <"$work/input" >"$work/output" 2>/dev/null &
    exec 4>"$work/input"
    exec 3<"$work/output"
    echo "is anybody there" >&4
    read -r line <&3
    [ "$line" = "is anybody there" ]
    ;;
*)
    "$program"
    ;;
esac
