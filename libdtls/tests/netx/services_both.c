/* SPDX-License-Identifier: MIT */
#include "services_both.h"

test_server server;
test_client client;

void make_both(UINT slots) {
    world_make();
    server_make(&server, slots);
    client_make(&client);
}

void finish(void) {
    client_end(&client);
    server_end(&server);
}
