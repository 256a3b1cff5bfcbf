/* SPDX-License-Identifier: MIT
 *
 * The one server and the one client that a test of services_world.h mostly is about.
 */
#ifndef NETX_TESTS_SERVICES_BOTH_H
#define NETX_TESTS_SERVICES_BOTH_H

#include "services_world.h"

extern test_server server;
extern test_client client;

/* World, a server with so many slots that is not started, and a client. */
void make_both(UINT slots);
/* Ends the client and the server. */
void finish(void);

#endif
