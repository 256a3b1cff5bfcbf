/* SPDX-License-Identifier: MIT */
#include "descriptions.h"

#include <stdio.h>
#include <string.h>

const struct description descriptions[] = {
    {"connect", "HOST:PORT", CLIENT, OPTION_CONNECT, "the server"},
    {"accept", "[HOST:]PORT", SERVER, OPTION_ACCEPT, "where to listen; port 0: the system chooses"},
    {"4", NULL, BOTH, OPTION_4, "IPv4 only"},
    {"6", NULL, BOTH, OPTION_6, "IPv6 only"},
    {"cert", "FILE", BOTH, OPTION_CERT, "our certificates in PEM, leaf first"},
    {"key", "FILE", BOTH, OPTION_KEY, "our private key; -cert's file if not given"},
    {"CAfile", "FILE", BOTH, OPTION_CAFILE, "trust anchors in PEM; without them the peer is not verified"},
    {"servername", "NAME", CLIENT, OPTION_SERVERNAME, "SNI, and the name that the certificate must be for"},
    {"verify_hostname", "NAME", CLIENT, OPTION_SERVERNAME, NULL},
    {"servername", "NAME", SERVER, OPTION_SERVERNAME, "what -cert2, or -cert if there is but one, is for"},
    {"cert2", "FILE", SERVER, OPTION_CERT2, "certificates for clients that look for -servername"},
    {"key2", "FILE", SERVER, OPTION_KEY2, "its private key; -cert2's file if not given"},
    {"servername_fatal", NULL, SERVER, OPTION_SERVERNAME_FATAL, "refuse clients that look for another name"},
    {"enable_server_rpk", NULL, BOTH, OPTION_SERVER_RPK, "raw public keys (RFC 7250) of the server: of -key"},
    {"enable_client_rpk", NULL, BOTH, OPTION_CLIENT_RPK, "raw public keys of the client"},
    {"peer_key", "FILE", BOTH, OPTION_PEER_KEY, "the peer's raw public key, or what it can be found in"},
    {"status", NULL, CLIENT, OPTION_STATUS, "ask for an OCSP response"},
    {"status_file", "FILE", SERVER, OPTION_STATUS_FILE, "the OCSP response for -cert, in DER"},
    {"verify", "DEPTH", SERVER, OPTION_VERIFY, "ask clients for a certificate (any depth)"},
    {"Verify", "DEPTH", SERVER, OPTION_REQUIRE, "demand one"},
    {"verify_return_error", NULL, BOTH, OPTION_NOTHING, NULL},
    {"psk", "HEX", BOTH, OPTION_PSK, "pre-shared key"},
    {"psk_identity", "TEXT", BOTH, OPTION_PSK_IDENTITY, "its identity (Client_identity)"},
    {"psk_hint", "TEXT", SERVER, OPTION_PSK_HINT, "identity hint"},
    {"cipher", "NAMES", BOTH, OPTION_CIPHER, "suites, separated by colons (-list shows them)"},
    {"groups", "NAMES", BOTH, OPTION_GROUPS, "groups, likewise"},
    {"curves", "NAMES", BOTH, OPTION_GROUPS, NULL},
    {"sigalgs", "NAMES", BOTH, OPTION_SIGALGS, "signature schemes, likewise"},
    {"mtu", "BYTES", BOTH, OPTION_MTU, "largest datagram, without IP and UDP headers (1200)"},
    {"no_ems", NULL, BOTH, OPTION_NO_EMS, "no extended master secret"},
    {"no_etm", NULL, BOTH, OPTION_NO_ETM, "no encrypt-then-MAC for CBC suites"},
    {"alpn", "NAMES", BOTH, OPTION_ALPN, "application protocols, separated by commas"},
    {"use_srtp", "NAMES", BOTH, OPTION_USE_SRTP, "SRTP profiles, separated by colons"},
    {"maxfraglen", "BYTES", CLIENT, OPTION_MAXFRAGLEN, "ask for records of 512, 1024, 2048 or 4096 bytes"},
    {"keymatexport", "LABEL", BOTH, OPTION_KEYMATEXPORT, "print keying material (RFC 5705)"},
    {"keymatexportlen", "N", BOTH, OPTION_KEYMATEXPORTLEN, "so many bytes of it (20)"},
    {"sess_out", "FILE", CLIENT, OPTION_SESS_OUT, "keep the session: whoever has the file has its keys"},
    {"sess_in", "FILE", CLIENT, OPTION_SESS_IN, "resume the session that was kept"},
    {"no_ticket", NULL, SERVER, OPTION_NO_TICKET, "sessions are resumed by ids, the last 32, not by tickets"},
    {"cid", NULL, BOTH, OPTION_CID,
     "offer or answer connection IDs (RFC 9146) and follow the peer's address"},
    {"no_cookie", NULL, SERVER, OPTION_NO_COOKIE, "no HelloVerifyRequest"},
    {"listen", NULL, SERVER, OPTION_NOTHING, NULL},
    {"dtls", NULL, BOTH, OPTION_NOTHING, NULL},
    {"dtls1_2", NULL, BOTH, OPTION_NOTHING, NULL},
    {"timeout", NULL, BOTH, OPTION_NOTHING, NULL},
    {"initial_timeout", "MS", BOTH, OPTION_INITIAL_TIMEOUT, "first retransmission timeout (1000)"},
    {"handshake_timeout", "MS", BOTH, OPTION_HANDSHAKE_TIMEOUT, "when a handshake has failed (180000)"},
    {"keylogfile", "FILE", BOTH, OPTION_KEYLOGFILE, "append secrets, as Wireshark reads them"},
    {"echo", NULL, SERVER, OPTION_ECHO,
     "send data back; otherwise it is written to standard output, and\n"
     "standard input goes to the latest session"},
    {"naccept", "N", SERVER, OPTION_NACCEPT, "end after N sessions"},
    {"max_sessions", "N", SERVER, OPTION_MAX_SESSIONS, "sessions at a time (1024)"},
    {"max_handshakes", "N", SERVER, OPTION_MAX_HANDSHAKES, "handshakes at a time (64)"},
    {"idle", "MS", SERVER, OPTION_IDLE, "close sessions that are silent for so long"},
    {"ign_eof", NULL, CLIENT, OPTION_IGN_EOF, "go on at the end of standard input"},
    {"quiet", NULL, BOTH, OPTION_QUIET, "say nothing but errors"},
    {"list", NULL, BOTH, OPTION_LIST, "print suites, groups and signature schemes"},
    {"version", NULL, BOTH, OPTION_VERSION, "print the version"},
    {"help", NULL, BOTH, OPTION_HELP, "print this"},
};

const size_t num_descriptions = sizeof descriptions / sizeof *descriptions;
_Static_assert(sizeof descriptions / sizeof *descriptions <= MOST_DESCRIPTIONS, "there is room for all");

int description_role(dtls_role role) {
    return role == DTLS_CLIENT ? CLIENT : SERVER;
}

void descriptions_print(const char *program, dtls_role program_role) {
    const int role = description_role(program_role);
    printf("usage: %s %s [options]\n\nOptions begin with one dash or two.\n\n", program,
           role == CLIENT ? "-connect HOST:PORT" : "-accept [HOST:]PORT");
    for (size_t i = 0; i < num_descriptions; i++) {
        const struct description *option = &descriptions[i];
        char left[40];
        if ((option->roles & role) == 0 || option->help == NULL)
            continue;
        snprintf(left, sizeof left, "-%s %s", option->name, option->value != NULL ? option->value : "");
        const char *end = strchr(option->help, '\n');
        const int first = end == NULL ? (int)strlen(option->help) : (int)(end - option->help);
        printf("  %-24s %.*s\n", left, first, option->help);
        if (end != NULL)
            printf("  %-24s %s\n", "", end + 1);
    }
}
