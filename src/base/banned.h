/*
 * banned: functions that no file may use, because a bounded or thread-safe one
 * exists.  Forced into every compilation by meson.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef atol
#undef strtol
#undef gmtime
#undef localtime
#undef ctime
#undef asctime
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok
#pragma GCC poison atoi atol atoll atof strtol strtoul
#pragma GCC poison gmtime localtime ctime asctime gets

#endif
