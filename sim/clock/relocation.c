/* SPDX-License-Identifier: MIT
 *
 * Walks the loaded objects and rewrites relocation slots; see relocation.h.
 */
#define _GNU_SOURCE
#include "relocation.h"

#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { JUMP_SLOT = R_X86_64_JUMP_SLOT, GLOB_DAT = R_X86_64_GLOB_DAT, ABSOLUTE = R_X86_64_64 };
#elif defined(__aarch64__)
enum { JUMP_SLOT = R_AARCH64_JUMP_SLOT, GLOB_DAT = R_AARCH64_GLOB_DAT, ABSOLUTE = R_AARCH64_ABS64 };
#else
#error "the relocation types of this processor are not known"
#endif

/* The tables of an ELF object hold addresses as numbers; turning them into pointers is what this file does.
 */
/* NOLINTBEGIN(performance-no-int-to-ptr) */

struct request {
    const char *name_part;
    uintptr_t address;
    const struct dtlslab_redirection *table;
    size_t num;
    int num_chosen;
};

/* The parts of a loaded object that matter here. */
struct object {
    uintptr_t base;
    uintptr_t relro_begin; /* whole pages; empty when there is none */
    uintptr_t relro_end;
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Rela) * relocations[2]; /* DT_JMPREL, DT_RELA */
    size_t num_relocations[2];
};

static uintptr_t page_size(void) {
    return (uintptr_t)sysconf(_SC_PAGESIZE);
}

static int is_chosen(const struct request *request, const struct dl_phdr_info *info) {
    const char *slash = strrchr(info->dlpi_name, '/');
    const char *name = slash != NULL ? slash + 1 : info->dlpi_name;

    if (request->name_part != NULL && strstr(name, request->name_part) != NULL)
        return 1;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uintptr_t begin = info->dlpi_addr + segment->p_vaddr;

        if (segment->p_type == PT_LOAD && request->address >= begin &&
            request->address - begin < segment->p_memsz) {
            return 1;
        }
    }
    return 0;
}

static void read_dynamic(struct object *object, const ElfW(Dyn) * entry) {
    for (; entry->d_tag != DT_NULL; entry++) {
        /* The C library has already turned the addresses of this table into pointers. */
        switch (entry->d_tag) {
        case DT_SYMTAB:
            object->symbols = (const void *)entry->d_un.d_ptr;
            break;
        case DT_STRTAB:
            object->strings = (const void *)entry->d_un.d_ptr;
            break;
        case DT_JMPREL:
            object->relocations[0] = (const void *)entry->d_un.d_ptr;
            break;
        case DT_PLTRELSZ:
            object->num_relocations[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_RELA:
            object->relocations[1] = (const void *)entry->d_un.d_ptr;
            break;
        case DT_RELASZ:
            object->num_relocations[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        default:
            break;
        }
    }
}

static struct object read_object(const struct dl_phdr_info *info) {
    struct object object = {.base = info->dlpi_addr};
    const uintptr_t page_mask = ~(page_size() - 1u);

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uintptr_t begin = object.base + segment->p_vaddr;

        if (segment->p_type == PT_DYNAMIC) {
            read_dynamic(&object, (const void *)begin);
        } else if (segment->p_type == PT_GNU_RELRO) {
            /* The loader protects whole pages only, and so leaves the last partial one writable. */
            object.relro_begin = begin & page_mask;
            object.relro_end = (begin + segment->p_memsz) & page_mask;
        }
    }
    return object;
}

static int write_slot(const struct object *object, uintptr_t address, dtlslab_function function) {
    dtlslab_function *slot = (dtlslab_function *)address;
    const uintptr_t size = page_size();
    const uintptr_t page = address & ~(size - 1u);
    const int is_protected = page >= object->relro_begin && page < object->relro_end;

    if (__atomic_load_n(slot, __ATOMIC_ACQUIRE) == function)
        return 0;
    if (is_protected && mprotect((void *)page, size, PROT_READ | PROT_WRITE) != 0)
        return -1;
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    return is_protected ? mprotect((void *)page, size, PROT_READ) : 0;
}

static int relocate_one(const struct request *request, const struct object *object,
                        const ElfW(Rela) * relocation) {
    const unsigned long type = ELF64_R_TYPE(relocation->r_info);
    const char *name = object->strings + object->symbols[ELF64_R_SYM(relocation->r_info)].st_name;

    if ((type != JUMP_SLOT && type != GLOB_DAT && type != ABSOLUTE) || relocation->r_addend != 0)
        return 0;
    for (size_t i = 0; i < request->num; i++) {
        if (strcmp(name, request->table[i].symbol) == 0)
            return write_slot(object, object->base + relocation->r_offset, request->table[i].replacement);
    }
    return 0;
}

static int visit(struct dl_phdr_info *info, size_t size, void *user) {
    struct request *request = user;

    (void)size;
    if (!is_chosen(request, info))
        return 0;
    const struct object object = read_object(info);
    if (object.symbols == NULL || object.strings == NULL)
        return 0;
    request->num_chosen++;
    for (int i = 0; i < 2; i++) {
        for (size_t n = 0; object.relocations[i] != NULL && n < object.num_relocations[i]; n++) {
            if (relocate_one(request, &object, &object.relocations[i][n]) != 0)
                return -1;
        }
    }
    return 0;
}

int dtlslab_relocate(const char *name_part, const void *address, const struct dtlslab_redirection *table,
                     size_t num) {
    /* Two threads must not make the same page writable and read-only in turns. */
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct request request = {name_part, (uintptr_t)address, table, num, 0};

    pthread_mutex_lock(&lock);
    const int result = dl_iterate_phdr(visit, &request);
    pthread_mutex_unlock(&lock);
    return result != 0 ? -1 : request.num_chosen;
}

/* NOLINTEND(performance-no-int-to-ptr) */
