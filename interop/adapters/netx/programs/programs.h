/* SPDX-License-Identifier: MIT
 *
 * What `main` of each program is called here.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

int client_main(int argc, char **argv);
int server_main(int argc, char **argv);

#endif
