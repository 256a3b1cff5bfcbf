#!/bin/sh
# SPDX-License-Identifier: MIT
# test_servers.sh SERVER CLIENT: five of the example clients, at once, on a server that echoes; then its end.
set -eu

server=$1
client=$2
work=$(mktemp -d)
server_pid=
clean_up() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

mkfifo "$work/output"
"$server" 0 >"$work/output" &
server_pid=$!
exec 3<"$work/output"
read -r line <&3
port=${line##*:}
clients=
for i in 1 2 3 4 5; do
    "$client" 127.0.0.1 "$port" "client $i" --psk "client $i:000102030405060708090a0b0c0d0e0f" >"$work/answer$i" &
    clients="$clients $!"
done
for pid in $clients; do wait "$pid"; done
for i in 1 2 3 4 5; do [ "$(cat "$work/answer$i")" = "client $i" ]; done
kill -TERM "$server_pid"
read -r line <&3
[ "$line" = "5 sessions" ]
wait "$server_pid"
server_pid=
