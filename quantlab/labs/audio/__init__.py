"""The audio lab: at which bit depth do you stop hearing it?"""
