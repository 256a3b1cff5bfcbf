/* SPDX-License-Identifier: MIT
 * The module dtlslab._lab: worlds, carriers and the endpoint contract. */
#include "dtlslab_trial.h"
#include "dtlslab_world.h"
