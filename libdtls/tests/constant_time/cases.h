/* SPDX-License-Identifier: MIT
 *
 * What memcheck watches, besides main.c's own cases.
 */
#ifndef DTLS_TESTS_CONSTANT_TIME_CASES_H
#define DTLS_TESTS_CONSTANT_TIME_CASES_H

#include "connection/pair.h"

/* A pair behind the border, all of whose datagrams are everybody's, and whose PSK, if it has one, is secret.
 */
void case_watch(struct pair *pair);

/* Handshakes with records in CBC, with the MAC inside and outside, and data both ways. */
void case_cbc_handshakes(void);

/* Handshakes whose premaster secret is transported. */
void case_rsa_handshakes(void);

/* Sessions resumed by id and by ticket, whose keys are secret, as are master secrets in states. */
void case_resumption(void);

/* Exported keys, and connections that move. */
void case_exports(void);

/* The keyed hash of a server's tables. Which bucket it names shows in the time of a look-up; how it is made
 * must not. */
void case_siphash(void);

#endif
