/* The models: rows of src/phone/profiles/, one .def file a family. */
#include "phone/profile.h"

#include "base/text.h"
#include "model/phone_type.h"

#include "phone/profiles/common.def"

#define PHONE(...) {__VA_ARGS__},
static const struct phone_profile profiles[] = {
#include "phone/profiles/12sp.def"
#include "phone/profiles/69xx.def"
#include "phone/profiles/7910.def"
#include "phone/profiles/7912.def"
#include "phone/profiles/792x.def"
#include "phone/profiles/793x.def"
#include "phone/profiles/7960.def"
#include "phone/profiles/7961.def"
#include "phone/profiles/7965.def"
#include "phone/profiles/894x.def"
#include "phone/profiles/ata.def"
#include "phone/profiles/cipc.def"
};
#undef PHONE

#define PROFILE_COUNT (sizeof profiles / sizeof *profiles)

const struct phone_profile *phone_profile_at(size_t i)
{
	return i < PROFILE_COUNT ? &profiles[i] : NULL;
}

const struct phone_profile *phone_profile_find(const char *name)
{
	const struct phone_type *type = phone_type_find_model(name);

	for (size_t i = 0; i < PROFILE_COUNT; i++) {
		if (text_equal_nocase(profiles[i].name, name))
			return &profiles[i];
	}
	for (size_t i = 0; i < PROFILE_COUNT; i++) {
		if (type != NULL && type->number == profiles[i].type)
			return &profiles[i];
	}
	return NULL;
}
