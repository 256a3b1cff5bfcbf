/* SPDX-License-Identifier: MIT
 *
 * Overwriting the relocated pointers to a function in a shared object that is
 * already loaded (x86-64 and aarch64, ELF with RELA relocations).
 */
#ifndef DTLSLAB_RELOCATION_H
#define DTLSLAB_RELOCATION_H

#include <stddef.h>

typedef void (*dtlslab_function)(void);

struct dtlslab_redirection {
    const char *symbol;           /* as the object's dynamic symbol table spells it */
    dtlslab_function replacement; /* of the same type as the function replaced */
};

/* Points every relocation of the `num` symbols of `table`, in the chosen objects, at its replacement. Chosen
 * is an object whose file name (without folders) contains `name_part`, and the one into which `address` is
 * mapped; either may be NULL. Covers procedure linkage slots, global offset table entries and pointers
 * initialised in data, whether already bound or not, behind RELRO or not. Repeating it changes nothing.
 * Returns how many objects were chosen, or -1 if memory could not be made writable. */
int dtlslab_relocate(const char *name_part, const void *address, const struct dtlslab_redirection *table,
                     size_t num);

#endif
