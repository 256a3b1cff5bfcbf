#!/bin/sh
# SPDX-License-Identifier: MIT
# test.sh CASE CLIENT SERVER: runs dtls-client and dtls-server, or one of them and a program of OpenSSL or GnuTLS, over
# loopback, in real time. Succeeds if what each says arrives at the other and both end well.
set -eu

case=$1
client=$2
server=$3
work=$(mktemp -d)
pids=
clean_up() {
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

die() {
    echo "$1" >&2
    cat "$work"/*.log >&2 2>/dev/null || true
    exit 1
}

# wait_for FILE PATTERN: until a line of the file matches; `tail` blocks, so nothing is polled.
wait_for() {
    timeout 15 sh -c 'tail -n +1 -f "$1" | grep -q -m 1 -e "$2"' wait "$1" "$2" || die "no line like \"$2\" came"
}

certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
}

# listen OPTION...: starts dtls-server on a port of the system's choice, which goes to $port. Its input is $work/to-server.
listen() {
    : >"$work/server.log"
    "$server" -accept 127.0.0.1:0 "$@" <"$work/to-server" >"$work/server.out" 2>"$work/server.log" &
    pids="$pids $!"
    server_pid=$!
    exec 4>"$work/to-server"
    wait_for "$work/server.log" '^listening on '
    port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$work/server.log")
}

mkfifo "$work/to-server" "$work/to-client"
: >"$work/client.out"
: >"$work/client.log"
: >"$work/server.out"
psk="-psk_identity somebody -psk 000102030405060708090a0b0c0d0e0f"

# talk: what each side says arrives at the other. The client's input is file descriptor 3, the server's 4.
talk() {
    echo "from the client" >&3
    wait_for "$work/server.out" 'from the client'
    echo "from the server" >&4
    wait_for "$work/client.out" 'from the server'
}

run_client() {
    "$@" <"$work/to-client" >"$work/client.out" 2>"$work/client.log" 4>&- &
    pids="$pids $!"
    client_pid=$!
    exec 3>"$work/to-client"
}

case $case in
psk)
    # shellcheck disable=SC2086
    listen $psk -naccept 1 -psk_hint hint -cid
    # shellcheck disable=SC2086
    run_client "$client" -connect "127.0.0.1:$port" $psk -cid
    talk
    exec 3>&- # the end of its input: it closes
    wait "$client_pid" || die "the client failed"
    wait "$server_pid" || die "the server failed"
    grep -q '^connected: DTLS 1.2, TLS_.*PSK' "$work/client.log" || die "the client does not say what was agreed on"
    grep -q 'statistics: .* 1 sessions connected' "$work/server.log" || die "the server does not say what it did"
    ;;
certificate)
    certificates
    listen -cert "$work/cert.pem" -key "$work/key.pem" -CAfile "$work/cert.pem" -Verify 1 -naccept 1 \
        -keylogfile "$work/server.keys"
    run_client "$client" -connect "127.0.0.1:$port" -CAfile "$work/cert.pem" -servername localhost \
        -cert "$work/cert.pem" -key "$work/key.pem" -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -groups P-256 \
        -keylogfile "$work/client.keys"
    talk
    exec 4>&- # the end of the server's input: it closes
    wait "$client_pid" || die "the client failed"
    wait "$server_pid" || die "the server failed"
    grep -q '^CLIENT_RANDOM ' "$work/client.keys" || die "no key log"
    cmp "$work/client.keys" "$work/server.keys" || die "the key logs differ"
    ;;
wrong-name)
    certificates
    listen -cert "$work/cert.pem" -key "$work/key.pem" -naccept 1
    run_client "$client" -connect "127.0.0.1:$port" -CAfile "$work/cert.pem" -servername somewhere.else
    ! wait "$client_pid" || die "the client did not mind"
    grep -q '^failed: ' "$work/client.log" || die "the client does not say why"
    wait_for "$work/server.log" 'alert received: fatal bad_certificate'
    ;;
echo)
    # Three clients on one server, one after the other and at once.
    # shellcheck disable=SC2086
    listen $psk -echo
    for i in 1 2 3; do
        mkfifo "$work/in$i"
        # shellcheck disable=SC2086
        "$client" -connect "127.0.0.1:$port" $psk <"$work/in$i" >"$work/out$i" 2>"$work/client$i.log" &
        pids="$pids $!"
        eval "client$i=$!"
        eval "exec $((i + 4))>\"$work/in$i\""
    done
    echo one >&5
    echo two >&6
    echo three >&7
    wait_for "$work/out1" '^one$'
    wait_for "$work/out2" '^two$'
    wait_for "$work/out3" '^three$'
    exec 5>&- 6>&- 7>&-
    # shellcheck disable=SC2154
    wait "$client1" && wait "$client2" && wait "$client3" || die "a client failed"
    kill -TERM "$server_pid"
    wait "$server_pid" || die "the server failed"
    ;;
s_server)
    certificates
    mkfifo "$work/out"
    openssl s_server -dtls1_2 -listen -accept 127.0.0.1:0 -cert "$work/cert.pem" -key "$work/key.pem" -timeout -mtu 1200 \
        <"$work/to-server" >"$work/server.out" 2>&1 &
    pids="$pids $!"
    exec 4>"$work/to-server"
    wait_for "$work/server.out" '^ACCEPT '
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$work/server.out")
    run_client "$client" -connect "127.0.0.1:$port" -CAfile "$work/cert.pem" -servername localhost
    talk
    exec 3>&-
    wait "$client_pid" || die "the client failed"
    ;;
s_client)
    certificates
    listen -cert "$work/cert.pem" -key "$work/key.pem" -naccept 1
    run_client openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -CAfile "$work/cert.pem" -verify_return_error -brief \
        -verify_hostname localhost
    talk
    exec 3>&-
    wait "$client_pid" || die "the client failed"
    wait "$server_pid" || die "the server failed"
    ;;
raw-public-key)
    # Both sides with raw public keys; then a client that knows another key.
    certificates
    openssl genpkey -algorithm ed25519 -out "$work/server.pem" 2>/dev/null
    openssl pkey -in "$work/server.pem" -pubout -out "$work/server.pub" 2>/dev/null
    listen -key "$work/server.pem" -enable_server_rpk -enable_client_rpk -peer_key "$work/cert.pem" -Verify 1 -naccept 2
    run_client "$client" -connect "127.0.0.1:$port" -enable_server_rpk -peer_key "$work/server.pub" \
        -enable_client_rpk -cert "$work/cert.pem" -key "$work/key.pem"
    talk
    exec 3>&-
    wait "$client_pid" || die "the client failed"
    grep -q '^connected: .*, raw public key' "$work/client.log" || die "the client does not say what it was shown"
    run_client "$client" -connect "127.0.0.1:$port" -enable_server_rpk -peer_key "$work/key.pem" \
        -enable_client_rpk -key "$work/key.pem"
    ! wait "$client_pid" || die "the client did not mind"
    wait_for "$work/server.log" 'alert received: fatal certificate_unknown'
    wait "$server_pid" || die "the server failed"
    ;;
status)
    certificates
    printf 'what an authority would have said' >"$work/status.der"
    listen -cert "$work/cert.pem" -key "$work/key.pem" -status_file "$work/status.der" -naccept 1
    run_client "$client" -connect "127.0.0.1:$port" -CAfile "$work/cert.pem" -servername localhost -status
    talk
    exec 3>&-
    wait "$client_pid" || die "the client failed"
    grep -q '^OCSP response: 33 bytes' "$work/client.log" || die "the client does not say what was stapled"
    ;;
server-name)
    # The second certificate for its name, the first for no other.
    certificates
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=second \
        -addext subjectAltName=DNS:second.test -keyout "$work/key2.pem" -out "$work/cert2.pem" 2>/dev/null
    listen -cert "$work/cert.pem" -key "$work/key.pem" -cert2 "$work/cert2.pem" -key2 "$work/key2.pem" \
        -servername second.test -servername_fatal -naccept 2
    run_client "$client" -connect "127.0.0.1:$port" -CAfile "$work/cert2.pem" -servername second.test
    talk
    exec 3>&-
    wait "$client_pid" || die "the client failed"
    wait_for "$work/server.log" 'connected: .*, for second.test'
    run_client "$client" -connect "127.0.0.1:$port" -CAfile "$work/cert.pem" -servername localhost
    ! wait "$client_pid" || die "the client did not mind"
    wait_for "$work/client.log" 'alert received: fatal unrecognized_name'
    wait "$server_pid" || die "the server failed"
    ;;
gnutls-cli)
    certificates
    listen -cert "$work/cert.pem" -key "$work/key.pem" -naccept 1
    run_client gnutls-cli --udp --x509cafile "$work/cert.pem" --verify-hostname localhost --port "$port" 127.0.0.1
    talk
    exec 3>&-
    wait "$client_pid" || die "the client failed"
    wait "$server_pid" || die "the server failed"
    ;;
gnutls-serv)
    certificates
    # It takes no port 0; dtls-server's listening socket lends one, which is free again a moment later.
    # shellcheck disable=SC2086
    listen $psk
    kill -TERM "$server_pid"
    wait "$server_pid" || die "the server failed"
    exec 4>&-
    gnutls-serv --udp --echo --disable-client-cert --port "$port" --x509certfile "$work/cert.pem" \
        --x509keyfile "$work/key.pem" >"$work/server.out" 2>"$work/server.log" &
    pids="$pids $!"
    wait_for "$work/server.log" 'IPv4.*done'
    run_client "$client" -4 -connect "localhost:$port" -CAfile "$work/cert.pem" -servername localhost
    echo "from the client" >&3
    wait_for "$work/client.out" 'from the client'
    exec 3>&-
    wait "$client_pid" || die "the client failed"
    ;;
services)
    # shellcheck disable=SC2086
    listen $psk -naccept 1 -alpn echo/1,more -use_srtp SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80 \
        -keymatexport EXPERIMENTAL-test -keymatexportlen 48
    # shellcheck disable=SC2086
    run_client "$client" -connect "127.0.0.1:$port" $psk -alpn other,echo/1 -use_srtp SRTP_AES128_CM_SHA1_80 \
        -keymatexport EXPERIMENTAL-test -keymatexportlen 48 -maxfraglen 512
    talk
    # More than a record of 512 bytes holds goes in several.
    i=0
    while [ $i -lt 100 ]; do
        echo "a line of thirty-two characters."
        i=$((i + 1))
    done >"$work/lines"
    cat "$work/lines" >&3
    echo "the end" >&3
    wait_for "$work/server.out" '^the end$'
    [ "$(grep -c '^a line of thirty-two characters\.$' "$work/server.out")" = 100 ] || die "lines were lost"
    exec 3>&- # the end of its input: it closes
    wait "$client_pid" || die "the client failed"
    wait "$server_pid" || die "the server failed"
    grep -q '^ALPN protocol: echo/1$' "$work/client.log" || die "no application protocol"
    grep -q ' SRTP profile: SRTP_AES128_CM_SHA1_80$' "$work/server.log" || die "no SRTP profile"
    sed -n 's/^keying material: //p' "$work/client.log" >"$work/client.keys"
    sed -n 's/.* keying material: //p' "$work/server.log" >"$work/server.keys"
    [ "$(wc -c <"$work/client.keys")" = 97 ] || die "no keying material"
    cmp "$work/client.keys" "$work/server.keys" || die "the keying material differs"
    ;;
resumption)
    # By a ticket; and by a session id, with a server that gives none.
    for tickets in "" -no_ticket; do
        # shellcheck disable=SC2086
        listen $psk -naccept 2 -echo $tickets
        # shellcheck disable=SC2086
        echo first | "$client" -connect "127.0.0.1:$port" $psk -sess_out "$work/session" 2>"$work/client.log" ||
            die "the first client failed"
        ! grep -q '^resumed' "$work/client.log" || die "the first client resumed"
        [ -s "$work/session" ] || die "no session was kept"
        # shellcheck disable=SC2086
        echo second | "$client" -connect "127.0.0.1:$port" $psk -sess_in "$work/session" -sess_out "$work/session" \
            2>"$work/client.log" || die "the second client failed"
        grep -q '^resumed' "$work/client.log" || die "the second client did not resume"
        wait "$server_pid" || die "the server failed"
        grep -q ' resumed$' "$work/server.log" || die "the server did not resume"
        exec 4>&-
    done
    ;;
usage)
    for options in "" "-connect" "-connect h:1 -mtu 5" "-connect h:1 -psk 0" "-connect h:1 -psk zz" \
        "-connect h:1 -cipher nothing" "-connect h:1 -groups P-1" "-connect h:1 -cert /nonexistent" \
        "-connect h:1 -CAfile $0" "-connect h:1 stray" "-nothing" "-connect h:1 -initial_timeout x" \
        "-connect h:1 -psk 00 -alpn ," "-connect h:1 -use_srtp SRTP_NOTHING" "-connect h:1 -psk 00 -maxfraglen 600" \
        "-connect h:1 -sess_in /nonexistent" "-connect 127.0.0.1:9 -psk 00 -sess_in $0" "-connect h:1 -keymatexportlen 0"; do
        status=0
        # shellcheck disable=SC2086
        "$client" $options </dev/null >"$work/client.out" 2>"$work/client.log" || status=$?
        [ "$status" = 2 ] || die "status $status for: $options"
        [ "$(wc -l <"$work/client.log")" = 1 ] || die "not one sentence for: $options"
        [ ! -s "$work/client.out" ] || die "output for: $options"
    done
    for options in "-accept 0" "-accept 0 -psk 00 -Verify 1" "-accept 0 -psk 00 -naccept 0" "-psk 00"; do
        status=0
        # shellcheck disable=SC2086
        "$server" $options </dev/null 2>"$work/server.log" || status=$?
        [ "$status" = 2 ] || die "status $status for: $options"
    done
    "$client" -help | grep -q -e '-connect HOST:PORT' || die "no help"
    "$server" --help | grep -q -e '-accept' || die "no help"
    "$server" -version | grep -q '^dtls-server (libdtls) [0-9]' || die "no version"
    "$client" -list | grep -q 'PSK-AES128-GCM-SHA256$' || die "no list"
    status=0
    "$server" -accept 127.0.0.256:1 -psk 00 </dev/null 2>"$work/server.log" || status=$?
    [ "$status" = 1 ] || die "status $status for an address that is none"
    ;;
*)
    die "no case $case"
    ;;
esac
